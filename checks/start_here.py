"""Lesson 00: what tells a right human-normalised score from a wrong one."""

from checks.compare import equal
from checks.exercise import exercise

KNOWN = {(30.0, 10.0, 50.0): 50.0, (42.4, 23.1, 154.8): 14.654518, (401.2, 1.7, 31.8): 1327.242525}  # by hand


@exercise()
def human_normalised(
    answer,
    *,
    games=(
        (30.0, 10.0, 50.0),
        (42.4, 23.1, 154.8),
        (401.2, 1.7, 31.8),
        (5.0, 10.0, 50.0),
        (10, 10, 50),
        (3.0, 9.0, 5.0),
    ),
):
    """The way from random play to a human in per cent, for games given as score, random and human."""
    for score, random, human in games:
        wanted = KNOWN.get((score, random, human), 100 * (score - random) / (human - random))
        equal(
            answer(score, random=random, human=human),
            wanted,
            what=f"The score {score:g} between random {random:g} and human {human:g}",
            hint="Measure both distances from random play.",
            mistakes={
                "That is a share; multiply by 100 for per cent.": wanted / 100,
                "Did you divide by the human's score? Random play must give 0.": 100 * score / human,
                "Divide by the distance from random to human, not by the human's score.": (
                    100 * (score - random) / human
                ),
                "Did you measure from the human instead of from random play?": (
                    100 * (score - human) / (human - random)
                ),
                "That is what is missing to the human; start from random play.": (
                    100 * (human - score) / (human - random)
                ),
                "Did you swap the numerator and the denominator?": _or_nothing(human - random, score - random),
                "Mind the brackets: both differences come first, then the division.": [
                    100 * score - random / human - random,
                    100 * (score - random) / human - random,
                    100 * (score - random / human - random),
                    score - 100 * random / human - random,
                    100 * score - random / (human - random),
                ],
                "Do not round.": [float(round(wanted)), float(int(wanted)), round(wanted, 1), round(wanted, 2)],
                "An agent may be better than the human: that is more than 100 %.": 100.0,
                "An agent may be worse than random play: that is below 0.": [0.0, -wanted] if wanted < 0 else [],
                "A human may be worse than random play: leave the sign of the difference.": (
                    [-wanted, 0.0] if human < random else []
                ),
            },
        )


def _or_nothing(numerator: float, denominator: float) -> float:
    return 100 * numerator / denominator if denominator else float("nan")
