"""The world of words, the small models that write them, and both ways to teach these."""

import copy

import pytest
import torch

from helpers import preferences, word_world


@pytest.fixture(scope="module")
def learned():
    """Two references, log π_ref, true rewards, and pairs."""
    g = torch.Generator().manual_seed(4)
    model = word_world.LanguageModel((2,), generator=g)
    word_world.read_words(model)
    log_ref, rewards = model.log_probs().detach(), word_world.true_rewards()
    return model, log_ref, rewards, preferences.draw_pairs(log_ref, rewards, 3000, generator=g)


def test_the_world_is_all_listed():
    texts = word_world.spell(word_world.responses())
    assert len(set(texts)) == 2401 == 7**4 and sorted(texts) == texts
    assert int(word_world.is_word().sum()) == len(word_world.WORDS) == len(set(word_world.WORDS)) == 94
    rewards = dict(zip(texts, word_world.true_rewards().tolist(), strict=True))
    assert rewards["sees"] == 4 and rewards["lama"] == 0 and rewards["ssss"] == 0 and rewards["ttse"] == -2


def test_a_model_says_the_same_of_a_listed_response_and_letter_by_letter(learned):
    model, log_ref, _, _ = learned
    tokens = word_world.responses()[::37].expand(2, -1, -1)
    found = preferences.sequence_log_prob(model(tokens), tokens)
    torch.testing.assert_close(found, log_ref[:, ::37], rtol=1e-4, atol=1e-4)
    short = tokens[..., :2]
    torch.testing.assert_close(model(short), model(tokens)[..., :2, :])
    torch.testing.assert_close(log_ref.exp().sum(-1), torch.ones(2))


def test_a_model_says_the_same_of_some_responses_as_of_all(learned):
    model, log_ref, _, pairs = learned
    assert torch.equal(model.log_probs(pairs.chosen[:, :40]), log_ref.gather(-1, pairs.chosen[:, :40]))


def test_padding_is_no_letter_and_other_numbers_are_refused(learned):
    model = learned[0]
    tokens = word_world.responses()[::300].expand(2, -1, -1).clone()
    short, tokens[..., 2:] = tokens[..., :2], preferences.PADDING
    padded = preferences.sequence_log_prob(model(tokens), tokens, tokens != preferences.PADDING)
    torch.testing.assert_close(padded, preferences.sequence_log_prob(model(short), short))
    with pytest.raises(ValueError, match=r"in \[0, 7\), or -1 behind the end of a text, but they reach from 0 to 7"):
        model(torch.tensor([[0, 7]]).expand(2, -1, -1))


def test_a_single_model_reads_a_batch_of_any_shape():
    model = word_world.LanguageModel(generator=torch.Generator().manual_seed(1))
    assert model(word_world.responses()[:6]).shape == (6, 4, 7) and model.log_probs().shape == (2401,)


def test_the_reference_writes_words(learned):
    assert (learned[1].exp()[:, word_world.is_word()].sum(-1) > 0.8).all()


def test_rlhf_ends_at_the_optimum_of_its_reward_model_and_both_learn(learned):
    model, log_ref, rewards, pairs = learned
    g, start = torch.Generator().manual_seed(5), preferences.regret(log_ref, log_ref, rewards, 1.0)
    critic = word_world.reward_model((2,), generator=g)
    word_world.fit_rewards(critic, pairs, word_world.Recipe(200, 256, 0.03, 0.2), generator=g)
    proxy, policy = word_world.judge(critic).detach(), copy.deepcopy(model)
    word_world.rlhf(policy, log_ref, proxy, 1.0, generator=g)
    log_pi = policy.log_probs().detach()
    assert (preferences.kl(log_pi, preferences.tilt(log_ref, proxy, 1.0)[0]) < 0.05).all()
    assert (preferences.regret(log_pi, log_ref, rewards, 1.0) < start / 2).all()
    direct = copy.deepcopy(model)
    word_world.dpo(direct, log_ref, pairs, 1.0, generator=g)
    assert (preferences.regret(direct.log_probs().detach(), log_ref, rewards, 1.0) < start / 2).all()


def test_a_model_that_counts_cannot_tell_the_order():
    critic = word_world.reward_model(hidden=0, counts=True, generator=torch.Generator().manual_seed(2))
    opinion = dict(zip(word_world.spell(word_world.responses()), word_world.judge(critic).tolist(), strict=True))
    assert opinion["sees"] == pytest.approx(opinion["eess"]) and opinion["sees"] != pytest.approx(opinion["mess"])


def test_dpo_starts_at_log_2_and_ends_where_report_says(learned):
    model, log_ref, _, pairs = learned
    seen, copied = [], copy.deepcopy(model)
    recipe = word_world.Recipe(9, 32, 0.001)
    word_world.dpo(
        copied, log_ref, pairs, 0.5, recipe, generator=torch.Generator().manual_seed(1),
        report=lambda number, loss: seen.append(loss) or number == 3,
    )  # fmt: skip
    assert len(seen) == 3
    torch.testing.assert_close(seen[0], torch.full((2,), 2.0).log(), rtol=1e-4, atol=1e-4)


def test_dpo_is_adam_on_the_loss_of_dpo_with_a_rate_that_falls_to_0(learned):
    model, log_ref, _, pairs = learned
    fast, plain = copy.deepcopy(model), copy.deepcopy(model)
    word_world.dpo(
        fast, log_ref, pairs, 0.5, word_world.Recipe(4, 16, 0.01), generator=torch.Generator().manual_seed(6)
    )
    optimizer = torch.optim.Adam(plain.parameters(), 0.01)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 1 / 4, 3)
    for places in torch.randint(3000, (4, 16), generator=torch.Generator().manual_seed(6)):
        log_pi = plain.log_probs()
        some = [part[:, places] for part in pairs]
        logs = [table.gather(-1, part) for table in (log_pi, log_ref) for part in some]
        optimizer.zero_grad()
        preferences.dpo_loss(*logs, 0.5).sum().backward()
        optimizer.step()
        schedule.step()
    for one, other in zip(fast.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    assert (fast.log_probs() - log_ref).abs().max() > 0.01


def test_the_first_weights_are_kept_where_none_tell_held_out_pairs_better(learned):
    model, log_ref, _, pairs = learned
    flipped = preferences.Pairs(pairs.rejected.clone(), pairs.chosen.clone())
    for part, right in zip(flipped, pairs, strict=True):
        part[:, :1500] = right[:, :1500]  # held out: the human; learned from: the contrary
    stays = copy.deepcopy(model)
    word_world.dpo(stays, log_ref, flipped, 1.0, word_world.Recipe(40, 64, 0.01, 0.5), generator=torch.Generator())
    assert torch.equal(stays.log_probs().detach(), log_ref)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [((0,), "are positive"), ((1, 1, -0.1), "are positive"), ((1, 1, 0.1, 1.0), "held_out is a share in")],
)
def test_a_recipe_out_of_range_is_refused(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        word_world.Recipe(*options)


def test_training_without_a_price_pairs_or_a_baseline_is_refused(learned):
    model, log_ref, rewards, pairs = learned
    g = torch.Generator()
    with pytest.raises(ValueError, match="β is positive, but it is 0"):
        word_world.rlhf(model, log_ref, rewards, 0, generator=g)
    with pytest.raises(ValueError, match="β is positive, but it is 0"):
        word_world.dpo(model, log_ref, pairs, 0, generator=g)
    with pytest.raises(ValueError, match="needs two or more"):
        word_world.rlhf(model, log_ref, rewards, 1.0, word_world.Recipe(1, 1), generator=g)
    none = preferences.Pairs(*(part[..., :0] for part in pairs))
    with pytest.raises(ValueError, match="Of 0 pairs 0 are held out"):
        word_world.dpo(model, log_ref, none, 1.0, generator=g)
