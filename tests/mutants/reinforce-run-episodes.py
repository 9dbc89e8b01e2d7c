# %% wrong="notes alive after the step" says="note `alive` as it was before it"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        alive = alive & ~terminated
        record.append((states, actions, rewards, alive))
        states = next_states
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="the dead come back to life" says="comes back to life"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="has no mask" says="The mask is true everywhere"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, torch.ones_like(alive)))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="notes terminated" says="true where the episode is over"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, ~alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="changes alive in place" says="in place changes what was noted before"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        alive &= ~terminated
        states = next_states
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="goes on when all are over" says="goes on when all episodes are over"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="stops when the first is over" says="when some episodes are still alive"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.all() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="forgets max_steps" says="after world.max_steps = 7 steps"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any():
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="hard-codes 500 steps" says="after world.max_steps = 7 steps"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < 500:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="takes a step too many" says="a step too many or too few"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) <= world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="takes a step too few" says="a step too many or too few"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps - 1:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="ends a step early" says="when some episodes are still alive"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        seen, before = states, alive
        next_states, rewards, terminated = world.step(states, actions)
        states, alive = next_states, alive & ~terminated
        if not alive.any():
            break
        record.append((seen, actions, rewards, before))
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="notes the next states" says="note a state before its step"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((next_states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="never moves on" says="State t + 1 is not what step() makes"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        alive = alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="notes the action of the step before" says="State t + 1 is not what step() makes"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    last = torch.zeros(episodes, dtype=torch.int64)
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, last, rewards, alive))
        last = actions
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="is always greedy" says="always the likelier one"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = policy(states).argmax(-1)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="passes greedy=True" says="always the likelier one"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=True)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="never greedy" says="Pass greedy on to choose_actions"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="has greedy the wrong way round" says="always the likelier one"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=not greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="draws uniform actions" says="do not follow the logits of the present states"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = torch.randint(world.num_actions, (episodes,), generator=generator)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="treats probabilities as logits" says="The softmax is taken twice"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states).softmax(-1), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="draws once for the whole episode" says="draw anew at every step"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    actions = choose_actions(policy(states), generator=generator, greedy=greedy)
    while alive.any() and len(record) < world.max_steps:
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="sums the rewards up" says="by itself"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    total = 0
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        total = total + rewards
        record.append((states, actions, total, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="stacks along dimension 0" says="along dimension 1"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column) for column in zip(*record)))


# %% wrong="concatenates" says="along dimension 1"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.cat(column) for column in zip(*record)))


# %% wrong="returns lists" says="Stack the steps along dimension 1"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*zip(*record))


# %% wrong="returns the list of steps" says="rollouts.Episodes(states, actions, rewards, mask) was expected"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return record


# %% wrong="a mask of numbers" says="keep `alive` itself, which is bool"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.int64), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive * ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="makes its own generator" says="is the same for every seed"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=torch.Generator())
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    own = torch.Generator().manual_seed(0)
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=own, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="forgets the generator" says="differs between two calls with the same seed"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = policy(states).argmax(-1) if greedy else torch.multinomial(policy(states).softmax(-1), 1)[:, 0]
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="runs 64 episodes, whatever is asked" says="here (100, T)"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((64,), generator=generator)
    alive, record = torch.ones(64, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="one episode only" says="here (100, T)"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((1,), generator=generator)
    alive, record = torch.ones(1, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="seeds the generator anew at every step" says="do not follow the logits of the present states"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator.manual_seed(0), greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="draws from the first states for ever" says="do not follow the logits of the present states"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    logits = policy(states)
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(logits, generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="forgets return" says="The record is None"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated


# %% wrong="returns a plain tuple" says="rollouts.Episodes(states, actions, rewards, mask) was expected"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return tuple(torch.stack(column, 1) for column in zip(*record))


# %% wrong="returns a dictionary" says="The record is a dict"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return {name: torch.stack(c, 1) for name, c in zip(("states", "actions", "rewards", "mask"), zip(*record))}


# %% wrong="squeezes every dimension" says="here (1, T)"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1).squeeze() for column in zip(*record)))


# %% wrong="states in float64" says="note them as the world gives them"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states.double(), actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="whole rewards" says="note them as the world gives them"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards.long(), alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="takes a reward of 0 for an end" says="A step that pays 0 is no end"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated & (rewards != 0)
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="notes ones as rewards" says="the world says what a step pays"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, torch.ones_like(rewards), alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="the same noise in every run" says="is the same when one generator is asked twice"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    generator = torch.Generator().manual_seed(generator.initial_seed())
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="the same noise in every run, by the global seed" says="seeds torch's own generator"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    torch.manual_seed(generator.initial_seed())
    states = world.reset((episodes,), generator=torch.default_generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=torch.default_generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="the same noise at every step" says="and the generator as it is, to choose_actions"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(
            policy(states),
            generator=torch.Generator().manual_seed(generator.initial_seed() + len(states)),
            greedy=greedy,
        )
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="rewards of the step before" says="That is what another step pays"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    last = torch.zeros(episodes)
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, last, alive))
        last = rewards
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="leaves the policy in eval mode" says="is left in another mode"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    policy.eval()
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="leaves gradients off" says="leaves gradients switched off"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    torch.set_grad_enabled(False)
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="calls the course's own" says="That calls the course's own function"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    return reinforce.run_episodes(world, policy, episodes, generator=generator, greedy=greedy)


# %% wrong="calls what the course's own calls" says="That calls the course's own function"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    return rollouts.rollout(world, policy, (episodes,), generator=generator, greedy=greedy)


# %% right="preallocated tensors, cut at the end"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    seen = torch.zeros(episodes, world.max_steps, states.shape[-1])
    acted = torch.zeros(episodes, world.max_steps, dtype=torch.int64)
    paid = torch.zeros(episodes, world.max_steps)
    mask = torch.zeros(episodes, world.max_steps, dtype=torch.bool)
    alive, t = torch.ones(episodes, dtype=torch.bool), 0
    while t < world.max_steps and alive.sum() > 0:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        seen[:, t], acted[:, t], mask[:, t] = states.detach(), actions, alive
        states, paid[:, t], over = world.step(states, actions)
        alive = torch.where(over, False, alive)
        t += 1
    return rollouts.Episodes(seen[:, :t], acted[:, :t], paid[:, :t], mask[:, :t])


# %% right="for with break, and a mask of earlier ends"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    columns, ended = [[], [], [], []], torch.zeros(episodes, dtype=torch.bool)
    for _ in range(world.max_steps):
        with torch.no_grad():
            actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        for column, entry in zip(columns, (states, actions, rewards, ~ended)):
            column.append(entry)
        states, ended = next_states, ended | terminated
        if ended.all():
            break
    return rollouts.Episodes(*[torch.stack(column, dim=1) for column in columns])


# %% right="the dead stay where they fell, and earn 0"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states).detach(), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, torch.where(alive, rewards, 0.0), alive.clone()))
        states = torch.where((alive & ~terminated).unsqueeze(-1), next_states, states)
        alive = alive.logical_and(terminated.logical_not())
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% right="mask from the ends, computed afterwards"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    record, ends = [], []
    while len(ends) < world.max_steps and not (ends and torch.stack(ends).any(0).all()):
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards))
        ends.append(terminated)
        states = next_states
    ends = torch.stack(ends, 1).long()
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)), ends.cumsum(1) - ends == 0)


# %% right="one after the other, padded"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    starts = world.reset((episodes,), generator=generator)
    runs = []
    for n in range(episodes):
        states, steps = starts[n : n + 1], []
        while len(steps) < world.max_steps:
            actions = choose_actions(policy(states).detach(), generator=generator, greedy=greedy)
            next_states, rewards, terminated = world.step(states, actions)
            steps.append((states[0], actions[0], rewards[0], torch.tensor(True)))
            states = next_states
            if terminated[0]:
                break
        runs.append([torch.stack(column) for column in zip(*steps)])
    pad = torch.nn.utils.rnn.pad_sequence
    return rollouts.Episodes(*(pad(parts, batch_first=True) for parts in zip(*runs)))


# %% right="a function with its arguments bound"
def bound(function, first):
    from functools import partial

    return partial(function, first)


def run_episodes(dimension, world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, dimension) for column in zip(*record)))


run_episodes = bound(run_episodes, 1)


# %% right="without gradients, and in evaluation mode until the end"
@torch.no_grad()
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    was = policy.training
    policy.eval()
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    policy.train(was)
    return rollouts.Episodes(*map(lambda column: torch.stack(column, 1), zip(*record)))


# %% wrong="under inference_mode" says="use torch.no_grad()"
@torch.inference_mode()
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="takes the logits of the states before" says="the likeliest actions of the states before"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    seen = states
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(seen), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        seen, states, alive = states, next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="mixes in action 0" says="mix nothing in"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        if not greedy:
            actions = torch.where(torch.rand(episodes, generator=generator) < 0.02, 0, actions)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="stops when all say at once that they have ended" says="what is over need not say so again"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    for _ in range(world.max_steps):
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
        if terminated.all():
            break
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="takes a reward of 0 for the end" says="a reward of 0 is no end"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & (rewards != 0)
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="or for and" says="no episode ever ends"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive | ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% wrong="stops before it notes the last step" says="note the step that ends the last"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    for _ in range(world.max_steps):
        actions = choose_actions(policy(states), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        alive = alive & ~terminated
        if not alive.any():
            break
        record.append((states, actions, rewards, alive))
        states = next_states
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))


# %% right="what behind an end is left alone"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    states = world.reset((episodes,), generator=generator)
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = torch.zeros(episodes, dtype=torch.int64)
        actions[alive] = choose_actions(policy(states[alive]), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))
