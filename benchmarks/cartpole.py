"""How many steps a second does CartPole make, against gymnasium's own vector environment and envpool?

Every method takes the same random actions, says at each step which episodes ended or were cut, and starts those anew.
`tensors` calls `cartpole.step` and its neighbours in float32, as a learner in torch would. A face is the same physics
as `CartPoleVectorEnv`, with numpy arrays, in float64 as gymnasium has it or in float32. First episodes must be equally
long on average before speed is compared.

envpool is timed where it is installed (`pip install envpool`); the course does not need it.
"""

import importlib.util
from collections.abc import Iterator
from functools import partial
from statistics import median

import gymnasium
import numpy as np
import torch
from timing import arguments, compare, in_turn, write
from torch import Tensor

from helpers import cartpole

STEPS = {1: 2000, 16: 2000, 256: 1000, 4096: 200, 65_536: 20, 1_048_576: 20}  # by the number of environments


def tensors(actions: Tensor, *, generator: torch.Generator) -> Iterator[Tensor]:
    """Take actions (T, N), and yield at each step where episodes are over."""
    shape = actions.shape[1:]
    states = cartpole.reset(shape, generator=generator)
    steps = torch.zeros(shape, dtype=torch.int32, device=actions.device)
    for now in actions:
        states = cartpole.step(states, now)
        steps += 1
        is_over = cartpole.terminated(states).logical_or_(steps >= cartpole.MAX_STEPS)
        yield is_over
        if actions.is_cuda:  # asking where they are would wait for the device
            states = torch.where(is_over.unsqueeze(-1), cartpole.reset(shape, generator=generator), states)
            steps *= ~is_over
        else:
            (fresh,) = is_over.nonzero(as_tuple=True)
            states[fresh] = cartpole.reset(fresh.shape, generator=generator)
            steps[fresh] = 0


def numpy_face(envs: gymnasium.vector.VectorEnv, actions: np.ndarray) -> Iterator[np.ndarray]:
    """Take actions (T, N) in environments that start anew by themselves, and yield where episodes are over."""
    envs.reset()
    for now in actions:
        _, _, ended, cut, _ = envs.step(now)
        yield ended | cut


def methods(num_envs: int, steps: int) -> dict:
    """Return functions that start each method on the same actions."""
    actions = torch.randint(2, (steps, num_envs), generator=torch.Generator().manual_seed(0))
    generator = torch.Generator().manual_seed(1)
    result = {"tensors": partial(tensors, actions, generator=generator)}
    if num_envs <= 65_536:
        faces = {
            "float64 face": cartpole.CartPoleVectorEnv(num_envs),
            "float32 face": cartpole.CartPoleVectorEnv(num_envs, dtype=torch.float32),
            "gymnasium": gymnasium.make_vec("CartPole-v1", num_envs, vectorization_mode="vector_entry_point"),
        }
        for envs in faces.values():
            envs.reset(seed=1)
        if importlib.util.find_spec("envpool"):
            import envpool

            faces["envpool"] = envpool.make("CartPole-v1", "gymnasium", num_envs=num_envs, num_threads=1, seed=1)
        result |= {name: partial(numpy_face, envs, actions.numpy()) for name, envs in faces.items()}
    if torch.cuda.is_available() and num_envs >= 4096:
        generator = torch.Generator("cuda").manual_seed(1)
        result["tensors on the GPU"] = partial(tensors, actions.cuda(), generator=generator)
    return result


@torch.inference_mode()
def run(method) -> None:
    """Run a method to its last step."""
    *_, last = method()
    last.any().item()  # waits for a GPU


@torch.inference_mode()
def check_agreement(num_envs: int, steps: int) -> None:
    """Stop if first episodes, of at most so many steps, are not equally long.

    Their means agree within 5 standard errors of their difference; right methods fail once in 100,000 times.
    """
    lengths = {}
    for name, method in methods(num_envs, steps).items():
        over = torch.stack([torch.as_tensor(is_over).cpu() for is_over in method()])
        lengths[name] = (over.cumsum(0) == 0).sum(0).add(1).clamp(max=steps).double()
    for name, length in lengths.items():
        print(f"{name:20} {length.mean():6.2f} steps in a first episode")
        error = (length.var() / num_envs + lengths["gymnasium"].var() / num_envs) ** 0.5
        if (length.mean() - lengths["gymnasium"].mean()).abs() > 5 * error:
            raise SystemExit(f"Episodes of {name} and of gymnasium differ in length, so their speed means nothing.")


def main() -> None:
    options = arguments(__doc__.splitlines()[0])
    sizes, repeats = ([1, 256], 2) if options.quick else ([1, 16, 256, 4096, 65_536], 9)
    if torch.cuda.is_available() and not options.quick:
        sizes.append(1_048_576)
    torch.set_num_threads(1)
    print(f"Random actions, one thread, {repeats} rounds in turn.\n")
    check_agreement(4096, 150)
    ratios = {}
    for num_envs in sizes:
        steps = STEPS[num_envs] // (10 if options.quick else 1)
        seconds, _ = in_turn({n: partial(run, m) for n, m in methods(num_envs, steps).items()}, repeats)
        label = f"CartPole × {num_envs}"
        print(f"\n{num_envs:,} environments, {steps} steps")
        ratios |= compare(seconds, "tensors", label)
        if "gymnasium" in seconds:
            for name in ("float64 face", "float32 face"):
                pairs = zip(seconds["gymnasium"], seconds[name], strict=True)
                ratios[f"{label}: {name} / gymnasium"] = median(peer / own for peer, own in pairs)
        rates = (f"{name} {num_envs * steps / median(times) / 1e6:.3g}" for name, times in seconds.items())
        print(f"Million steps a second: {', '.join(rates)}")
    write(ratios, options.json)


if __name__ == "__main__":
    main()
