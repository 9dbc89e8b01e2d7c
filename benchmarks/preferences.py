"""How long does a step of DPO take, ours against TRL's DPOTrainer, on equal data and the same tiny model?

Both take so many steps of Adam on batches of the same pairs of four-letter words, without dropout, checkpoints or logs:
256 pairs a step, as in lesson 13, and 64.

- *ours*: `word_world.dpo`, which lists log π behind all 400 prefixes once a step, however large the batch: tuning (the
  world is so small that it can be listed) and implementation together;
- *ours, letter by letter*: the same model asked about the batch's own letters, as for any length: implementation alone;
- *TRL, same model*: DPOTrainer with log π_ref computed beforehand, where TRL is installed: `pip install trl`. It asks
  the same network through the interface of transformers.
"""

import importlib.util
import os
import tempfile
from collections.abc import Callable

import torch
from timing import arguments, compare, in_turn, write
from torch import Tensor

from helpers import preferences, word_world

BETA, RATE, BATCHES = 1.0, 0.005, (256, 64)


def new_model() -> word_world.LanguageModel:
    return word_world.LanguageModel(generator=torch.Generator().manual_seed(1))


def listed(log_ref: Tensor, pairs: preferences.Pairs, steps: int, batch: int) -> None:
    recipe = word_world.Recipe(steps, batch, RATE)
    word_world.dpo(new_model(), log_ref, pairs, BETA, recipe, generator=torch.Generator().manual_seed(2))


def letter_by_letter(log_ref: Tensor, pairs: preferences.Pairs, steps: int, batch: int) -> None:
    model, tokens = new_model(), word_world.responses()
    optimizer, g = torch.optim.Adam(model.parameters(), RATE, fused=True), torch.Generator().manual_seed(2)
    for _ in range(steps):
        some = torch.randint(len(pairs.chosen), (batch,), generator=g)
        places = torch.cat([part[some] for part in pairs])
        ours = preferences.sequence_log_prob(model(tokens[places]), tokens[places]).chunk(2)
        optimizer.zero_grad()
        preferences.dpo_loss(*ours, *log_ref[places].chunk(2), BETA).backward()
        optimizer.step()


def trl(pairs: preferences.Pairs, steps: int, batch: int, folder: str) -> Callable[[], None]:
    """Return a function that trains with TRL; what it needs once is made here, outside of the time."""
    import datasets
    import tokenizers
    import transformers
    from transformers.modeling_outputs import BaseModelOutput, CausalLMOutput
    from trl import DPOConfig, DPOTrainer

    names = {letter: place for place, letter in enumerate(word_world.LETTERS)}
    names |= {"<s>": len(names), "</s>": len(names) + 1, "<pad>": len(names) + 2}
    inner = tokenizers.Tokenizer(tokenizers.models.WordLevel(names, unk_token="<pad>"))
    inner.pre_tokenizer = tokenizers.pre_tokenizers.Split("", "isolated")
    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=inner, **special)

    class Body(torch.nn.Module):
        """The course's network but for its last layer; the first token is the prompt."""

        def __init__(self):
            super().__init__()
            self.model = new_model()
            inputs, hidden = self.model.network.weights[0].shape
            self.model.network = torch.nn.Sequential(torch.nn.Linear(inputs, hidden), torch.nn.Tanh())

        def forward(self, input_ids, **others):
            hidden = self.model(input_ids[:, 1:5].clamp(max=len(word_world.LETTERS) - 1))
            behind = input_ids.shape[1] - hidden.shape[1]
            return BaseModelOutput(last_hidden_state=torch.nn.functional.pad(hidden, (0, 0, 0, behind)))

    class Tiny(transformers.PreTrainedModel):
        """The course's network behind the interface of transformers."""

        config_class, base_model_prefix = transformers.PretrainedConfig, "body"

        def __init__(self, config):
            super().__init__(config)
            self.body, self.generation_config = Body(), transformers.GenerationConfig()
            self.head = torch.nn.Linear(self.body.model.network[0].out_features, len(names))
            self.post_init()

        def get_output_embeddings(self) -> torch.nn.Linear:
            return self.head

        def _init_weights(self, module) -> None:
            """Leave the weights as they are drawn."""

        def forward(self, input_ids, **others):
            return CausalLMOutput(logits=self.head(self.body(input_ids).last_hidden_state))

    texts = word_world.spell(word_world.responses())
    rows = {"prompt": ["<s>"] * len(pairs.chosen)}
    rows |= {name: [texts[place] for place in part.tolist()] for name, part in pairs._asdict().items()}
    data = datasets.Dataset.from_dict(rows)
    options = {"output_dir": folder, "max_steps": steps, "per_device_train_batch_size": batch, "learning_rate": RATE}
    options |= {"beta": BETA, "report_to": [], "save_strategy": "no", "logging_strategy": "no", "use_cpu": True}
    options |= {"disable_tqdm": True, "gradient_checkpointing": False, "bf16": False, "precompute_ref_log_probs": True}

    def run() -> DPOTrainer:
        config = DPOConfig(**options)
        model = Tiny(transformers.PretrainedConfig(vocab_size=len(names)))
        return DPOTrainer(model, args=config, train_dataset=data, processing_class=tokenizer)

    trainers = [run() for _ in range(ROUNDS + 1)]
    for trainer in trainers:
        trainer.get_train_dataloader()
    return lambda: trainers.pop().train()


ROUNDS = 3


def main() -> None:
    options = arguments(__doc__.splitlines()[0])
    torch.set_num_threads(1)
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"
    steps, g = 5 if options.quick else 100, torch.Generator().manual_seed(3)
    log_ref, rewards = new_model().log_probs().detach(), word_world.true_rewards()
    pairs = preferences.draw_pairs(log_ref, rewards, 1000, generator=g)
    ratios = {}
    if not importlib.util.find_spec("trl"):
        print("trl is not installed, so it is left out.")
    for batch in BATCHES:
        ratios |= measured(log_ref, pairs, steps, batch)
    write(ratios, options.json)


def measured(log_ref: Tensor, pairs: preferences.Pairs, steps: int, batch: int) -> dict[str, float]:
    """Time all methods at one size of the batch, and return the ratios."""
    own, label = "ours, letter by letter", f"DPO step of {batch} pairs"
    methods = {
        "ours": lambda: listed(log_ref, pairs, steps, batch),
        own: lambda: letter_by_letter(log_ref, pairs, steps, batch),
    }
    with tempfile.TemporaryDirectory() as folder:
        if importlib.util.find_spec("trl"):
            methods["TRL, same model"] = trl(pairs, steps, batch, folder)
        seconds, _ = in_turn(methods, ROUNDS)
    print(f"\n{label}:", end="")
    seconds = {name: [time / steps for time in times] for name, times in seconds.items()}
    ratios = compare(seconds, "ours", label)
    if len(seconds) > 2:
        ratios |= compare({name: times for name, times in seconds.items() if name != "ours"}, own, label)
    return ratios


if __name__ == "__main__":
    main()
