BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
INSERT INTO "alembic_version" VALUES('e43177bfe90b');
CREATE TABLE assignment (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	duedate DATETIME, 
	course_id VARCHAR(128) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name), 
	FOREIGN KEY(course_id) REFERENCES course (id)
);
INSERT INTO "assignment" VALUES('a8de912bb89b427186732f43f8d3348e','05-baseline',NULL,'bandits-to-vae');
CREATE TABLE base_cell (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	notebook_id VARCHAR(32) NOT NULL, 
	type VARCHAR(50), 
	PRIMARY KEY (id), 
	UNIQUE (name, notebook_id, type), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "base_cell" VALUES('5cecdaab29c1499c91cb227667c2da14','baseline-expected-push-check','893bd69fcacb4e05ae1013aa150b5b05','GradeCell');
INSERT INTO "base_cell" VALUES('49d704829c894a778210b6064a70a165','baseline-push-variance-check','893bd69fcacb4e05ae1013aa150b5b05','GradeCell');
INSERT INTO "base_cell" VALUES('5f8d99e4670a4a9b9f3dc20c64c21f46','baseline-best-check','893bd69fcacb4e05ae1013aa150b5b05','GradeCell');
INSERT INTO "base_cell" VALUES('3665b3c3e3074fcb980298a08455ea9f','baseline-time-check','893bd69fcacb4e05ae1013aa150b5b05','GradeCell');
INSERT INTO "base_cell" VALUES('0ac69d979aeb4babb2b7dd3af3fc3d14','baseline-leave-one-out-check','893bd69fcacb4e05ae1013aa150b5b05','GradeCell');
INSERT INTO "base_cell" VALUES('b40210f7e6a34b59868849f881145cc9','baseline-value-loss-check','893bd69fcacb4e05ae1013aa150b5b05','GradeCell');
INSERT INTO "base_cell" VALUES('ce75c1aa88944f318c1e72d197c7e2a7','baseline-losses-check','893bd69fcacb4e05ae1013aa150b5b05','GradeCell');
INSERT INTO "base_cell" VALUES('1befa102cf924a64ba527d03c79c75e0','baseline-update-both-check','893bd69fcacb4e05ae1013aa150b5b05','GradeCell');
INSERT INTO "base_cell" VALUES('10dd73a1f0904fd8b5d17be056b87641','baseline-state-not-action','893bd69fcacb4e05ae1013aa150b5b05','GradeCell');
INSERT INTO "base_cell" VALUES('f24bbde21e5540a1ab8d1381f2a2b874','baseline-expected-push','893bd69fcacb4e05ae1013aa150b5b05','SolutionCell');
INSERT INTO "base_cell" VALUES('e7a4359d25e4488f8df863aac03658ef','baseline-push-variance','893bd69fcacb4e05ae1013aa150b5b05','SolutionCell');
INSERT INTO "base_cell" VALUES('83920166159d48d7b0c105ba8a5669bc','baseline-best','893bd69fcacb4e05ae1013aa150b5b05','SolutionCell');
INSERT INTO "base_cell" VALUES('974fdb2e78714477a04737cb42349e28','baseline-time','893bd69fcacb4e05ae1013aa150b5b05','SolutionCell');
INSERT INTO "base_cell" VALUES('e3751b9a5f144877a26c93d97a008dd7','baseline-leave-one-out','893bd69fcacb4e05ae1013aa150b5b05','SolutionCell');
INSERT INTO "base_cell" VALUES('f3351b6b78634e0e888009b3bf8745bb','baseline-value-loss','893bd69fcacb4e05ae1013aa150b5b05','SolutionCell');
INSERT INTO "base_cell" VALUES('b4dd328b2e7442d79fdf627018be56dc','baseline-losses','893bd69fcacb4e05ae1013aa150b5b05','SolutionCell');
INSERT INTO "base_cell" VALUES('68c0bb1866014e00a25530dab3ed30c0','baseline-update-both','893bd69fcacb4e05ae1013aa150b5b05','SolutionCell');
INSERT INTO "base_cell" VALUES('f87f4e5347c748aebc94ff3219c732da','baseline-state-not-action','893bd69fcacb4e05ae1013aa150b5b05','SolutionCell');
CREATE TABLE comment (
	id VARCHAR(32) NOT NULL, 
	notebook_id VARCHAR(32), 
	cell_id VARCHAR(32), 
	auto_comment TEXT, 
	manual_comment TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (cell_id, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id), 
	FOREIGN KEY(cell_id) REFERENCES base_cell (id)
);
INSERT INTO "comment" VALUES('66dfa0509d104e34831408a325dff993','5dc785f9629b4f8e997f0ed74cdb039a','f24bbde21e5540a1ab8d1381f2a2b874',NULL,NULL);
INSERT INTO "comment" VALUES('80f43e0e8b6c4e51aea7c6c47faca269','5dc785f9629b4f8e997f0ed74cdb039a','e7a4359d25e4488f8df863aac03658ef',NULL,NULL);
INSERT INTO "comment" VALUES('a8c830ac7d48408797e053c090ff4ccb','5dc785f9629b4f8e997f0ed74cdb039a','83920166159d48d7b0c105ba8a5669bc',NULL,NULL);
INSERT INTO "comment" VALUES('aca25ae920ed4e7785d77729acd92701','5dc785f9629b4f8e997f0ed74cdb039a','974fdb2e78714477a04737cb42349e28',NULL,NULL);
INSERT INTO "comment" VALUES('29f343a4250740a4a3a488ea5b1d6bfe','5dc785f9629b4f8e997f0ed74cdb039a','e3751b9a5f144877a26c93d97a008dd7',NULL,NULL);
INSERT INTO "comment" VALUES('b302be1baeb74c9e9dd1f59ef27c03ae','5dc785f9629b4f8e997f0ed74cdb039a','f3351b6b78634e0e888009b3bf8745bb',NULL,NULL);
INSERT INTO "comment" VALUES('1be266ad76ed465a80b9daef078bb8c7','5dc785f9629b4f8e997f0ed74cdb039a','b4dd328b2e7442d79fdf627018be56dc',NULL,NULL);
INSERT INTO "comment" VALUES('a263be7272914f88ac096f84d232b8aa','5dc785f9629b4f8e997f0ed74cdb039a','68c0bb1866014e00a25530dab3ed30c0',NULL,NULL);
INSERT INTO "comment" VALUES('072ec73c9ac64effb91f4b00a1e8bccc','5dc785f9629b4f8e997f0ed74cdb039a','f87f4e5347c748aebc94ff3219c732da',NULL,'Well said.');
INSERT INTO "comment" VALUES('d55c60557d2e4a3182c43cd13efb2cd5','dc063bd790dd4f0e8172468080033598','f24bbde21e5540a1ab8d1381f2a2b874','Not filled in yet.',NULL);
INSERT INTO "comment" VALUES('6bfc928dd3a04e7cb8167c1b5dba1bc6','dc063bd790dd4f0e8172468080033598','e7a4359d25e4488f8df863aac03658ef','Not filled in yet.',NULL);
INSERT INTO "comment" VALUES('fb8de229f7bc4257b18cf710a73a54ec','dc063bd790dd4f0e8172468080033598','83920166159d48d7b0c105ba8a5669bc',NULL,NULL);
INSERT INTO "comment" VALUES('ddf8cac457934ad8a1dc1ee7dcab9fb6','dc063bd790dd4f0e8172468080033598','974fdb2e78714477a04737cb42349e28',NULL,NULL);
INSERT INTO "comment" VALUES('e22c7086923d4f6aabc575bc3430aef3','dc063bd790dd4f0e8172468080033598','e3751b9a5f144877a26c93d97a008dd7','Not filled in yet.',NULL);
INSERT INTO "comment" VALUES('83f87b95360443659d49b02c181168d0','dc063bd790dd4f0e8172468080033598','f3351b6b78634e0e888009b3bf8745bb','Not filled in yet.',NULL);
INSERT INTO "comment" VALUES('63d9a797945b49c1b5aeabb3ef180cde','dc063bd790dd4f0e8172468080033598','b4dd328b2e7442d79fdf627018be56dc','Not filled in yet.',NULL);
INSERT INTO "comment" VALUES('5f10012de498437aa35adc046cc7b5e5','dc063bd790dd4f0e8172468080033598','68c0bb1866014e00a25530dab3ed30c0','Not filled in yet.',NULL);
INSERT INTO "comment" VALUES('1162f0b5116d4da58fafd0c61337b020','dc063bd790dd4f0e8172468080033598','f87f4e5347c748aebc94ff3219c732da','No response.',NULL);
CREATE TABLE course (
	id VARCHAR(128) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (id)
);
INSERT INTO "course" VALUES('bandits-to-vae');
INSERT INTO "course" VALUES('default_course');
CREATE TABLE grade (
	id VARCHAR(32) NOT NULL, 
	notebook_id VARCHAR(32), 
	cell_id VARCHAR(32), 
	auto_score FLOAT, 
	manual_score FLOAT, 
	extra_credit FLOAT, 
	needs_manual_grade BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (cell_id, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id), 
	FOREIGN KEY(cell_id) REFERENCES base_cell (id)
);
INSERT INTO "grade" VALUES('2e6b6407215245b8b91ec116a4ee926d','5dc785f9629b4f8e997f0ed74cdb039a','5cecdaab29c1499c91cb227667c2da14',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('fd74f9d5a9944e8f9dd4b4de0bbc39be','5dc785f9629b4f8e997f0ed74cdb039a','49d704829c894a778210b6064a70a165',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('be9a9f0b3f944a1c8e7fd91074ad78cd','5dc785f9629b4f8e997f0ed74cdb039a','5f8d99e4670a4a9b9f3dc20c64c21f46',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('b1c7a011614e4dbd959d0ff3332fa203','5dc785f9629b4f8e997f0ed74cdb039a','3665b3c3e3074fcb980298a08455ea9f',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('7f5b3facd6e34c2a9cf582b3e9f4ed83','5dc785f9629b4f8e997f0ed74cdb039a','0ac69d979aeb4babb2b7dd3af3fc3d14',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('83ec83d0bf7448e4bf9396d8ecbd072e','5dc785f9629b4f8e997f0ed74cdb039a','b40210f7e6a34b59868849f881145cc9',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('0828f08aaaee47f7b9d4e827e4dee04e','5dc785f9629b4f8e997f0ed74cdb039a','ce75c1aa88944f318c1e72d197c7e2a7',3.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('89a483b3e5114a869fdd651d13d0b936','5dc785f9629b4f8e997f0ed74cdb039a','1befa102cf924a64ba527d03c79c75e0',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('bab76286214e4211b011a35b03c153f0','5dc785f9629b4f8e997f0ed74cdb039a','10dd73a1f0904fd8b5d17be056b87641',NULL,2.0,NULL,0);
INSERT INTO "grade" VALUES('548e11794d62496b9f4e7781ae635336','dc063bd790dd4f0e8172468080033598','5cecdaab29c1499c91cb227667c2da14',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('a9f6192d12ef413c8246e4bafd31df17','dc063bd790dd4f0e8172468080033598','49d704829c894a778210b6064a70a165',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('6e2ad6c3065848079bf51a0ee4fea997','dc063bd790dd4f0e8172468080033598','5f8d99e4670a4a9b9f3dc20c64c21f46',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('05697b395d424034b2617ee119fc1aaa','dc063bd790dd4f0e8172468080033598','3665b3c3e3074fcb980298a08455ea9f',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('e0060c380f574c98bae019df4c281535','dc063bd790dd4f0e8172468080033598','0ac69d979aeb4babb2b7dd3af3fc3d14',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('53a56715eae34bdb810cbaa2fb50c654','dc063bd790dd4f0e8172468080033598','b40210f7e6a34b59868849f881145cc9',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('18b4659de72e4ca799543fbcd83e3e8f','dc063bd790dd4f0e8172468080033598','ce75c1aa88944f318c1e72d197c7e2a7',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('cf47efcf81e8400793e1c0098664c255','dc063bd790dd4f0e8172468080033598','1befa102cf924a64ba527d03c79c75e0',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('20c43ac7c701400787d4c9dbedff14a0','dc063bd790dd4f0e8172468080033598','10dd73a1f0904fd8b5d17be056b87641',0.0,NULL,NULL,0);
CREATE TABLE grade_cells (
	id VARCHAR(32) NOT NULL, 
	max_score FLOAT NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
INSERT INTO "grade_cells" VALUES('5cecdaab29c1499c91cb227667c2da14',2.0,'code');
INSERT INTO "grade_cells" VALUES('49d704829c894a778210b6064a70a165',2.0,'code');
INSERT INTO "grade_cells" VALUES('5f8d99e4670a4a9b9f3dc20c64c21f46',2.0,'code');
INSERT INTO "grade_cells" VALUES('3665b3c3e3074fcb980298a08455ea9f',2.0,'code');
INSERT INTO "grade_cells" VALUES('0ac69d979aeb4babb2b7dd3af3fc3d14',2.0,'code');
INSERT INTO "grade_cells" VALUES('b40210f7e6a34b59868849f881145cc9',2.0,'code');
INSERT INTO "grade_cells" VALUES('ce75c1aa88944f318c1e72d197c7e2a7',3.0,'code');
INSERT INTO "grade_cells" VALUES('1befa102cf924a64ba527d03c79c75e0',2.0,'code');
INSERT INTO "grade_cells" VALUES('10dd73a1f0904fd8b5d17be056b87641',3.0,'markdown');
CREATE TABLE notebook (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	assignment_id VARCHAR(32), 
	kernelspec VARCHAR(1024), 
	PRIMARY KEY (id), 
	UNIQUE (name, assignment_id), 
	FOREIGN KEY(assignment_id) REFERENCES assignment (id)
);
INSERT INTO "notebook" VALUES('893bd69fcacb4e05ae1013aa150b5b05','05-baseline','a8de912bb89b427186732f43f8d3348e','{"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}');
CREATE TABLE solution_cells (
	id VARCHAR(32) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
INSERT INTO "solution_cells" VALUES('f24bbde21e5540a1ab8d1381f2a2b874');
INSERT INTO "solution_cells" VALUES('e7a4359d25e4488f8df863aac03658ef');
INSERT INTO "solution_cells" VALUES('83920166159d48d7b0c105ba8a5669bc');
INSERT INTO "solution_cells" VALUES('974fdb2e78714477a04737cb42349e28');
INSERT INTO "solution_cells" VALUES('e3751b9a5f144877a26c93d97a008dd7');
INSERT INTO "solution_cells" VALUES('f3351b6b78634e0e888009b3bf8745bb');
INSERT INTO "solution_cells" VALUES('b4dd328b2e7442d79fdf627018be56dc');
INSERT INTO "solution_cells" VALUES('68c0bb1866014e00a25530dab3ed30c0');
INSERT INTO "solution_cells" VALUES('f87f4e5347c748aebc94ff3219c732da');
CREATE TABLE source_cell (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	locked BOOLEAN NOT NULL, 
	source TEXT, 
	checksum VARCHAR(128), 
	notebook_id VARCHAR(32), 
	PRIMARY KEY (id), 
	UNIQUE (name, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "source_cell" VALUES('5e525114ad5b4fe9ae38dc6919189669','baseline-expected-push','code',0,'def expected_push(pi, q, b):
    """Return E[(q(a) − b) ∇ log π(a)], shape (A,); b is a number, or has shape (A,) if it looks at the action."""
    # Your code here instead of the next line.
    raise NotImplementedError("This exercise is not filled in.")','c6e089b497407069201cff8fcdb59529','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('24d983a135b24ed7be66df73cb0f96dc','baseline-expected-push-check','code',1,'with checks.unchanged(pi=pi_check, q=q_check):
    got = expected_push(pi_check, q_check, 0.0)
weighted = (pi_check * q_check).unsqueeze(-1) * rows_check
checks.equal(
    got,
    baselines.expected_push(pi_check, q_check, 0.0),
    what="The mean push without baseline",
    hint="Sum π(a) q(a) times row a over the actions a.",
    mistakes={
        "π is missing: actions are drawn from π, so the likely ones count more.": [
            (q_check.unsqueeze(-1) * rows_check).sum(0),
            (q_check.unsqueeze(-1) * rows_check).mean(0),
        ],
        "That sums each row over the preferences; sum the rows over the actions.": weighted.sum(1),
        "That is one row for each action; sum them.": weighted,
        "That averages the weighted rows; with π as weights a mean is a sum.": weighted.mean(0),
        "The weights multiply the columns; they belong to the rows: unsqueeze(-1).": [
            (pi_check * q_check * rows_check).sum(0),
            (pi_check * q_check * rows_check).sum(1),
        ],
        "The sign is wrong: good actions are to be pushed up.": -weighted.sum(0),
        "The rows are missing: that only weights the values.": pi_check * q_check,
    },
)
with checks.unchanged(pi=pi_check, q=q_check, b=per_action):
    got = expected_push(pi_check, q_check, per_action)
checks.equal(
    got,
    baselines.expected_push(pi_check, q_check, per_action),
    what="The mean push with a baseline for each action",
    hint="Subtract b from q, action by action.",
    mistakes={
        "b is ignored, or one number is subtracted: each action has its own here.": baselines.expected_push(
            pi_check, q_check, 0.0
        ),
        "b is added; subtract it.": baselines.expected_push(pi_check, q_check, -per_action),
        "That subtracts b from π · q; it belongs inside: π (q − b).": (
            (pi_check * q_check - per_action).unsqueeze(-1) * rows_check
        ).sum(0),
    },
)
### BEGIN HIDDEN TESTS
half = torch.tensor([0.5, 0.5], dtype=torch.float64)
checks.equal(
    expected_push(half, torch.tensor([3.0, 1.0], dtype=torch.float64), 2.0),
    torch.tensor([0.5, -0.5], dtype=torch.float64),
    what="The mean push of two actions",
)
### END HIDDEN TESTS
checks.passed(expected_push)','d893cefb16542210f2f8ce87c3cbe3d2','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('05a89ef34e1946f490d2830378e43bac','baseline-push-variance','code',0,'def push_variance(pi, q, b):
    """Return the variance of (q(a) − b) ∇ log π(a), summed over the preferences: one number."""
    # Your code here instead of the next line.
    raise NotImplementedError("This exercise is not filled in.")','7eb4cf512ade215fb6937dc33d931b7e','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('78f31d102b1d45faa74fdb4e4e90dea1','baseline-push-variance-check','code',1,'squares = rows_check.square().sum(-1)
second = (pi_check * (q_check - 1) ** 2 * squares).sum()
mean_check = baselines.expected_push(pi_check, q_check, 1.0)
with checks.unchanged(pi=pi_check, q=q_check):
    got = push_variance(pi_check, q_check, 1.0)
checks.equal(
    got,
    baselines.push_variance(pi_check, q_check, 1.0).item(),
    what="The variance with b = 1",
    hint="It is E‖ĝ‖² − ‖E ĝ‖².",
    mistakes={
        "The squared length of the mean is not subtracted.": second,
        "That subtracts the mean, not its squared length.": second - mean_check.norm(),
        "The square of q − b is missing.": (pi_check * (q_check - 1) * squares).sum() - mean_check.square().sum(),
        "The rows'' lengths are not squared.": (pi_check * (q_check - 1) ** 2 * squares.sqrt()).sum()
        - mean_check.square().sum(),
        "π is missing in the mean of the squares.": [
            ((q_check - 1) ** 2 * squares).sum() - mean_check.square().sum(),
            ((q_check - 1) ** 2 * squares).mean() - mean_check.square().sum(),
        ],
        "The lengths of the rows are missing: that is not the variance of the push.": [
            (pi_check * (q_check - 1) ** 2).sum() - mean_check.square().sum(),
            (pi_check * q_check**2).sum() - (pi_check * q_check).sum() ** 2,
        ],
        "That sums the squares of each column; the length of row a sums over dimension −1.": (
            pi_check * (q_check - 1) ** 2 * rows_check.square().sum(0)
        ).sum()
        - mean_check.square().sum(),
        "b is ignored: it changes the variance.": baselines.push_variance(pi_check, q_check, 0.0),
        "That is the standard deviation.": baselines.push_variance(pi_check, q_check, 1.0).sqrt(),
        "π is squared, too: draws are weighted by π once.": (pi_check**2 * (q_check - 1) ** 2 * squares).sum()
        - mean_check.square().sum(),
        "Sum over the preferences: the answer is one number.": (
            pi_check.unsqueeze(-1) * ((q_check - 1).unsqueeze(-1) * rows_check) ** 2
        ).sum(0)
        - mean_check**2,
    },
)
### BEGIN HIDDEN TESTS
checks.equal(
    push_variance(pi_check, q_check, -3.0),
    baselines.push_variance(pi_check, q_check, -3.0).item(),
    what="The variance, b = −3",
)
### END HIDDEN TESTS
checks.passed(push_variance)','7884e59f229fc90eb451ca2c488b998e','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('7af27d73e0bb41eca22dfafa6d590858','baseline-best','code',0,'def best_baseline(pi, q):
    """Return the number b of least variance."""
    # Your code here instead of the next line.
    raise NotImplementedError("This exercise is not filled in.")','1357c20a7bc42063b171d1b69ac78fc5','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('3ec3c467571d4117888709140b21817d','baseline-best-check','code',1,'lengths_check = baselines.scores(pi_check).square().sum(-1)
with checks.unchanged(pi=pi_check, q=q_check):
    got = best_baseline(pi_check, q_check)
checks.equal(
    got,
    baselines.best_baseline(pi_check, q_check).item(),
    what="The best baseline",
    hint="Σ π ‖∇ log π‖² q divided by Σ π ‖∇ log π‖².",
    mistakes={
        "That is v, the usual choice: near the best, but the best weights q by ‖∇ log π‖² as well.": (
            pi_check * q_check
        ).sum(),
        "That is the plain mean of q.": q_check.mean(),
        "The weights do not sum to 1: divide by their sum.": [
            (pi_check * lengths_check * q_check).sum(),
            (pi_check * lengths_check * q_check).mean(),
        ],
        "π is missing in the weights.": (lengths_check * q_check).sum() / lengths_check.sum(),
        "The lengths in the weights are to be squared.": (pi_check * lengths_check.sqrt() * q_check).sum()
        / (pi_check * lengths_check.sqrt()).sum(),
        "That sums the squares of each column; the length of row a sums over dimension −1.": (
            pi_check * rows_check.square().sum(0) * q_check
        ).sum()
        / (pi_check * rows_check.square().sum(0)).sum(),
        "That is the largest value.": q_check.max(),
        "π is in twice.": (pi_check**2 * lengths_check * q_check).sum() / (pi_check**2 * lengths_check).sum(),
        "The sign is wrong.": -baselines.best_baseline(pi_check, q_check),
    },
)
### BEGIN HIDDEN TESTS
checks.equal(
    best_baseline(per_action.softmax(-1), q_check),
    baselines.best_baseline(per_action.softmax(-1), q_check).item(),
    what="The best baseline of another policy",
)
### END HIDDEN TESTS
checks.passed(best_baseline)','23ecb587089ace07632c1635847a63ab','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('6c5b63388a124b3ab27d30e05e063919','baseline-time','code',0,'def time_baseline(returns, mask):
    """Return the mean return of the episodes alive at each step: returns and mask (..., N, T) to (..., 1, T)."""
    # Your code here instead of the next line.
    raise NotImplementedError("This exercise is not filled in.")','dccadd3b110ad5d7b12a09e6c1a9d769','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('ab7e34b68a184df7aed02e4e22a5445c','baseline-time-check','code',1,'with checks.unchanged(returns=returns_check, mask=mask_check):
    got = time_baseline(returns_check, mask_check)
wanted = torch.tensor([[7.0, 10 / 3, 5.0, 1.0, 0.0]])
checks.equal(
    got,
    wanted,
    what="The mean per time step of three episodes",
    hint="Divide the sum of the returns by the number of episodes, both of those alive at the step.",
    mistakes={
        "Rubbish behind the ends is averaged, too: use the mask.": returns_check.mean(0, keepdim=True),
        "That divides by all episodes; only those alive at the step count.": real_check.mean(0, keepdim=True),
        "Rubbish is summed, and divided by the number alive.": returns_check.sum(0, keepdim=True)
        / mask_check.sum(0, keepdim=True).clamp(min=1),
        "That is the mean over time of each episode; average over the episodes.": [
            (real_check.sum(1) / mask_check.sum(1)).unsqueeze(0),
            (real_check.sum(1) / mask_check.sum(1)).unsqueeze(1),
            real_check.mean(1, keepdim=True),
        ],
        "That is one number for the whole batch; each step has its own.": [
            returns_check[mask_check].mean(),
            returns_check[mask_check].mean().expand(1, 5),
        ],
        "Where no episode is alive, 0/0 becomes nan: divide by at least 1.": torch.where(
            mask_check.any(0, keepdim=True), wanted, float("nan")
        ),
        "Divide by the number of episodes alive: that is the sum.": real_check.sum(0, keepdim=True),
        "Keep the dimension of the episodes, as 1: keepdim=True.": wanted[0],
        "One row is enough for all episodes, (1, T): leave out the expand.": [wanted.expand(3, 5), wanted * mask_check],
        "That counts the episodes; the mean of their returns was asked for.": [alive_check.float(), alive_check],
        "That is the return minus the mean; the mean alone was asked for.": [
            returns_check - wanted,
            real_check - wanted,
            torch.where(mask_check, returns_check - wanted, 0.0),
        ],
    },
)
wanted_runs = torch.stack([reinforce.time_baseline(*run) for run in zip(returns_runs, mask_runs)])
mixed = torch.where(mask_runs, returns_runs, 0.0)
checks.equal(
    time_baseline(returns_runs, mask_runs),
    wanted_runs,
    what="The mean per time step of two runs at once",
    hint="The episodes are dimension −2, whatever comes before.",
    mistakes={
        "Dimension 0 holds the runs here, and runs must not mix; the episodes are dimension −2.": mixed.sum(
            0, keepdim=True
        )
        / mask_runs.sum(0, keepdim=True).clamp(min=1),
        "The runs are mixed: sum over the episodes of each run only.": [
            mixed.sum((0, 1)) / mask_runs.sum((0, 1)).clamp(min=1),
            (mixed.sum((0, 1)) / mask_runs.sum((0, 1)).clamp(min=1)).unsqueeze(0),
            mixed.sum((0, 1), keepdim=True) / mask_runs.sum((0, 1), keepdim=True).clamp(min=1),
        ],
    },
)
### BEGIN HIDDEN TESTS
checks.equal(
    time_baseline(returns_check[:2, :3], torch.zeros(2, 3, dtype=torch.bool)),
    torch.zeros(1, 3),
    what="The mean where nobody is alive",
)
checks.equal(
    time_baseline(1 - returns_runs[1], mask_runs[1]),
    1 - wanted_runs[1],
    what="The mean per time step of other episodes",
)
### END HIDDEN TESTS
checks.passed(time_baseline)','8adbbe2e30c0fa72eb2491339840fc88','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('0a1178c8e996482abafd4b48955f2087','baseline-leave-one-out','code',0,'def leave_one_out(returns, mask):
    """Return for each step the mean return of the other episodes alive at it; all tensors are (..., N, T)."""
    # Your code here instead of the next line.
    raise NotImplementedError("This exercise is not filled in.")','c8780671b43b09462f4048d51526fa8d','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('6183a2c080744fb8990eb174a97ddfa2','baseline-leave-one-out-check','code',1,'def inside(got, mask=mask_check):
    """Return what stands on the steps of the mask, and 0 elsewhere."""
    fits = isinstance(got, torch.Tensor) and got.shape == mask.shape
    return torch.where(mask, got, 0.0) if fits else got


with checks.unchanged(returns=returns_check, mask=mask_check):
    got = leave_one_out(returns_check, mask_check)
everyone = real_check.sum(0, keepdim=True).expand(3, 5)
per_step, rest = everyone / alive_check.clamp(min=1), everyone - real_check
wanted = torch.tensor([[6.5, 1.5, 6.0, 0.0, 0.0], [9.0, 4.5, 0.0, 0.0, 0.0], [5.5, 4.0, 4.0, 0.0, 0.0]])
checks.equal(
    inside(got),
    wanted,
    what="The mean return of the others",
    hint="Divide the sum of the others'' returns by their number, both of those alive at the step.",
    mistakes={
        "Its own return is still inside: that is the mean per step.": [per_step[:1], per_step[0], inside(per_step)],
        "The sum leaves itself out, the number does not: divide by the others.": inside(
            rest / alive_check.clamp(min=1)
        ),
        "The number leaves itself out, the sum does not: take its own return from it.": [
            inside(everyone / (alive_check - 1).clamp(min=1)),
            inside(everyone / (alive_check - 1)),
        ],
        "That divides by all other episodes; only those alive at the step count.": inside(rest / 2),
        "Rubbish behind the ends is averaged, too: use the mask.": [
            inside((returns_check.sum(0) - returns_check) / others)
            for others in (2, (alive_check - 1).clamp(min=1), alive_check - 1, alive_check)
        ],
        "Where no other episode is alive, 0/0 becomes nan: divide by at least 1.": inside(rest / (alive_check - 1)),
        "That is the sum of the others; divide it by their number.": inside(rest),
        "That is the return minus the baseline; the baseline alone was asked for.": [
            real_check - wanted,
            inside(returns_check - per_step),
        ],
        "That leaves out a step, not an episode: the sum runs over the time.": [
            inside((real_check.sum(1, keepdim=True) - real_check) / (mask_check.sum(1, keepdim=True) - 1))
        ],
        "Where an episode is alone, its own return comes back, which looks at its actions; 0 was asked.": torch.where(
            mask_check & (alive_check == 1), returns_check, wanted
        ),
    },
)
checks.equal(
    inside(leave_one_out(returns_runs, mask_runs), mask_runs),
    inside(baselines.leave_one_out(returns_runs, mask_runs), mask_runs),
    what="The mean return of the others in two runs at once",
    hint="The episodes are dimension −2; runs must not mix.",
)
### BEGIN HIDDEN TESTS
checks.equal(
    inside(leave_one_out(2 - returns_runs[1], mask_runs[1]), mask_runs[1]),
    inside(baselines.leave_one_out(2 - returns_runs[1], mask_runs[1]), mask_runs[1]),
    what="The mean return of the others among other episodes",
)
### END HIDDEN TESTS
checks.passed(leave_one_out)','a398b663caa14c7d3c27a821a895906e','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('9e10b60433784717ab4e7777aed9d424','baseline-value-loss','code',0,'def value_loss(values, returns, mask):
    """Return the mean squared error of values against returns, one number, from tensors (N, T)."""
    # Your code here instead of the next line.
    raise NotImplementedError("This exercise is not filled in.")','17be820a9f4ec2ebe4a9abf05af48e9e','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('1e8cd3f5ea504b67ae4eb106e3976cd1','baseline-value-loss-check','code',1,'with checks.unchanged(values=values_check, returns=returns_check, mask=mask_check):
    got = value_loss(values_check, returns_check, mask_check)
checks.equal(
    got,
    error[mask_check].square().mean(),
    what="The value loss of three episodes",
    hint="Average the squared errors of the steps of the mask.",
    mistakes={
        "The mask is missing.": [error.square().mean(), error.square().sum()],
        "Divide by the steps that happened, not by all places.": (error.square() * mask_check).mean(),
        "That is the sum; take the mean over steps.": error[mask_check].square().sum(),
        "Square the errors before you average them.": [
            error[mask_check].mean().square(),
            error[mask_check].mean(),
            error[mask_check].sum().square(),
        ],
        "That is the absolute error, whose minimum is the median, not the mean.": error[mask_check].abs().mean(),
        "That averages each episode by itself first; all steps weigh the same.": (
            (error.square() * mask_check).sum(1) / mask_check.sum(1)
        ).mean(),
        "That is half of it.": error[mask_check].square().mean() / 2,
        "That is the root of it.": error[mask_check].square().mean().sqrt(),
        "A squared error is not negative: no minus sign here.": -error[mask_check].square().mean(),
        "That compares the values with 0.": values_check[mask_check].square().mean(),
    },
)
moving = values_check.clone().requires_grad_()
slope = checks.gradient(value_loss(moving, returns_check, mask_check), moving, what="The value loss")
checks.equal(
    slope,
    2 * torch.where(mask_check, error, 0.0) / mask_check.sum(),
    what="The gradient of the value loss",
    hint="It is 2 (v − G) over the number of steps, and 0 behind an end.",
)
### BEGIN HIDDEN TESTS
checks.equal(value_loss(returns_check, returns_check, mask_check), 0.0, what="The value loss of perfect values")
checks.equal(
    value_loss(values_check, returns_runs[1], mask_runs[1]),
    (values_check - returns_runs[1])[mask_runs[1]].square().mean(),
    what="The value loss of other episodes",
)
### END HIDDEN TESTS
checks.passed(value_loss)','2b63164ec1d3362c3286770d4c79fadd','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('0fb578512ac34e3c9400ffc3127401f6','baseline-losses','code',0,'def baseline_losses(logits, values, actions, returns, mask):
    """Return the policy''s loss and the value''s loss, from logits (N, T, A) and four tensors (N, T)."""
    # Your code here instead of the next line.
    raise NotImplementedError("This exercise is not filled in.")','c7cce46d26fdcefe264722df6569bfeb','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('9de7eaf9604b425c91017cc5e6800f75','baseline-losses-check','code',1,'leaves = [logits_check.clone().requires_grad_(), values_check.clone().requires_grad_()]


def policy_with(weights):
    return -(weights * leaves[0].log_softmax(-1).gather(-1, actions_check.unsqueeze(-1))[..., 0])[mask_check].mean()


with checks.unchanged(logits=logits_check, values=values_check, returns=returns_check):
    pair = baseline_losses(*leaves, actions_check, returns_check, mask_check)
policy_part, value_part = checks.parts(pair, ("policy loss", "value loss"), what="The result")
expected_value = error[mask_check].square().mean()
checks.equal(
    policy_part,
    policy_with(-error),
    what="The policy''s loss",
    hint="The weights are G_t − v(S_t).",
    mistakes={
        "The sign of the advantage is wrong: better than expected is G − v.": policy_with(error),
        "The baseline is missing: the weights are still the returns.": policy_with(returns_check),
        "The weights are the values; the advantage is G − v.": policy_with(values_check),
        "The mean of the values is subtracted; each step has its own.": [
            policy_with(returns_check - values_check.mean()),
            policy_with(returns_check - values_check[mask_check].mean()),
        ],
        "The mask is not passed on.": reinforce.policy_loss(
            logits_check, actions_check, -error, torch.ones_like(mask_check)
        ),
        "The two losses are swapped.": expected_value,
        "That is the sum over the steps; take their mean.": policy_with(-error) * mask_check.sum(),
        "Divide by the steps that happened, not by all places.": policy_with(-error) * mask_check.double().mean(),
        "The advantages are normalised; here G − v itself is the weight.": [
            policy_with((-error + error[mask_check].mean()) / error[mask_check].std()),
            policy_with(-error / error[mask_check].std()),
            policy_with(-error + error[mask_check].mean()),
        ],
        "Take log π of the actions that were taken, not of the likeliest.": reinforce.policy_loss(
            logits_check, logits_check.argmax(-1), -error, mask_check
        ),
        "The weights are squared errors; the advantage keeps its sign.": policy_with(error.square()),
        "The absolute value loses what matters: whether it was better or worse than expected.": policy_with(
            error.abs()
        ),
    },
)
checks.equal(value_part, expected_value, what="The value''s loss", hint="Give value_loss the values, returns and mask.")
checks.that(
    leaves[1].requires_grad,
    "The values were detached in place, for their own loss, too: values.detach() makes a new tensor.",
)
slopes = []
for part, name in ((policy_part, "policy''s"), (value_part, "value''s")):
    checks.that(
        part.requires_grad, f"The {name} loss is cut off from its network: detach only the weights of the policy."
    )
    slopes.append(torch.autograd.grad(part, leaves, allow_unused=True, retain_graph=True))
checks.that(
    slopes[0][1] is None or not slopes[0][1].any(),
    "The policy''s loss moves the values: it would bend them to please the policy. Detach the values in the advantage.",
)
checks.that(
    slopes[1][1] is not None and bool(slopes[1][1].any()),
    "The value''s loss does not move the values: detach them in the advantage only.",
)
checks.that(slopes[1][0] is None or not slopes[1][0].any(), "The value''s loss moves the policy: it needs only values.")
one_hot = torch.nn.functional.one_hot(actions_check, 3)
checks.equal(
    slopes[0][0],
    (-error.unsqueeze(-1) * (logits_check.softmax(-1) - one_hot) * mask_check.unsqueeze(-1)) / mask_check.sum(),
    what="The gradient of the policy''s loss with respect to the logits",
)
checks.equal(
    slopes[1][1],
    2 * torch.where(mask_check, error, 0.0) / mask_check.sum(),
    what="The gradient of the value''s loss with respect to the values",
)
### BEGIN HIDDEN TESTS
first, second = baseline_losses(logits_check, 0 * values_check, actions_check, returns_check, mask_check)
checks.equal(first, policy_with(returns_check), what="The policy''s loss with values 0")
checks.equal(second, returns_check[mask_check].square().mean(), what="The value''s loss with values 0")
checks.equal(
    baseline_losses(logits_check, values_check, actions_check, returns_runs[1], mask_runs[1])[0],
    reinforce.policy_loss(logits_check, actions_check, returns_runs[1] - values_check, mask_runs[1]),
    what="The policy''s loss of other episodes",
)
### END HIDDEN TESTS
checks.passed(baseline_losses)','c14bf6c3300a20041c7152acd075730b','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('8f07bce205954126970db79c2b5cc8d4','baseline-update-both','code',0,'def update_both(policy, value, optimizer, episodes, gamma):
    """Change the parameters of both networks in place by one step of the optimizer."""
    # Your code here instead of the next line.
    raise NotImplementedError("This exercise is not filled in.")','ab8e1ab62b705cbf57ad6d22c48121e1','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('9e233c9d124c4b098355e19d5660ae71','baseline-update-both-check','code',1,'def moved_by(step, times=1, gamma=0.9, momentum=0.5):
    """Return how far some steps of gradient descent move policy and value."""
    g = torch.Generator().manual_seed(6)
    pair = [networks.Network((), 4, 8, outputs, generator=g) for outputs in (2, 1)]
    optimizer = torch.optim.SGD([p for network in pair for p in network.parameters()], lr=0.05, momentum=momentum)
    before = [torch.cat([p.detach().flatten() for p in network.parameters()]) for network in pair]
    for _ in range(times):
        step(*pair, optimizer, batch_check, gamma)
    return [torch.cat([p.detach().flatten() for p in network.parameters()]) - b for network, b in zip(pair, before)]


def variant(policy=1.0, value=1.0, weights=None, fresh=True, padded=False):
    def step(pi, v, optimizer, episodes, gamma):
        g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
        logits, values = pi(episodes.states), v(episodes.states).squeeze(-1)
        mask = torch.ones_like(episodes.mask) if padded else episodes.mask
        losses = baselines.baseline_losses(logits, values, episodes.actions, g, mask)
        if weights:
            losses = baselines.weighted_loss(logits, episodes.actions, weights(g, values), mask), losses[1]
        if fresh:
            optimizer.zero_grad()
        (policy * losses[0] + value * losses[1]).backward()
        optimizer.step()

    return step


right = moved_by(baselines.update_both)
got = moved_by(update_both)
checks.that(
    bool(got[0].any() or got[1].any()),
    "Nothing has changed: backward() finds the gradient, step() uses it, and both are needed, in this order.",
)
mistakes_check = {
    "γ is ignored.": lambda *arguments: baselines.update_both(*arguments[:4], 1.0),
    "Add the two losses: the value''s is subtracted.": variant(1, -1),
    "The sign is wrong: that climbs the losses.": variant(-1, -1),
    "The baseline is missing in the policy''s weights.": variant(weights=lambda g, values: g),
    "The weights have the wrong sign: the advantage is G − v.": variant(weights=lambda g, values: values.detach() - g),
    "Each step gets the return of the whole episode; weight it by what comes after it.": variant(
        weights=lambda g, values: g[:, :1] - values.detach()
    ),
    "The weights are rewards; take the returns.": variant(
        weights=lambda g, values: batch_check.rewards - values.detach()
    ),
    "The returns count rewards behind the ends: give reinforce.returns the mask.": variant(
        weights=lambda g, values: reinforce.returns(batch_check.rewards, torch.ones_like(batch_check.mask), 0.9)
        - values.detach()
    ),
    "Steps behind the ends count: give baseline_losses the mask.": variant(padded=True),
    "The policy''s loss moves the value network: take both losses from baseline_losses.": variant(
        weights=lambda g, values: g - values
    ),
}
missing_check = ["The policy''s loss is missing.", "The value''s loss is missing."]
for index, name in enumerate(("policy", "value network")):
    checks.equal(
        got[index],
        right[index],
        what=f"The change of the {name}''s parameters by one update",
        hint="One step of the optimizer on the sum of both losses, for the γ given.",
        atol=1e-6,
        mistakes={missing_check[index]: torch.zeros_like(right[index])}
        | {
            sentence: change
            for sentence, step in mistakes_check.items()
            if not torch.allclose(change := moved_by(step)[index], right[index], rtol=1e-4, atol=1e-6)
        },
    )
got, right = moved_by(update_both, times=3), moved_by(baselines.update_both, times=3)
for index, name in enumerate(("policy", "value network")):
    checks.equal(
        got[index],
        right[index],
        what=f"The change of the {name}''s parameters by three updates",
        hint="Compute everything anew in each.",
        atol=1e-6,
        mistakes={
            "Gradients pile up from update to update: zero_grad() is missing.": moved_by(
                variant(fresh=False), 3
            )[index],
            "Earlier steps are forgotten: use the optimizer that is given, and make none.": moved_by(
                baselines.update_both, 3, momentum=0
            )[index],
        },
    )
### BEGIN HIDDEN TESTS
for index, name in enumerate(("policy", "value network")):
    checks.equal(
        moved_by(update_both, gamma=0.5)[index],
        moved_by(baselines.update_both, gamma=0.5)[index],
        what=f"The change of the {name}''s parameters with γ = 0.5",
        atol=1e-6,
    )
### END HIDDEN TESTS
checks.passed(update_both)','17da53ecef1f6c22fead29b0c624eade','893bd69fcacb4e05ae1013aa150b5b05');
INSERT INTO "source_cell" VALUES('6aa495d59e124918a1ad235ffbd6d9f4','baseline-state-not-action','markdown',0,'*Your answer here.*','0ff1b6794991e9d2dd384c841e52bdb6','893bd69fcacb4e05ae1013aa150b5b05');
CREATE TABLE student (
	id VARCHAR(128) NOT NULL, 
	first_name VARCHAR(128), 
	last_name VARCHAR(128), 
	email VARCHAR(128), 
	lms_user_id VARCHAR(128), 
	PRIMARY KEY (id)
);
INSERT INTO "student" VALUES('ann',NULL,NULL,NULL,NULL);
INSERT INTO "student" VALUES('bob',NULL,NULL,NULL,NULL);
CREATE TABLE submitted_assignment (
	id VARCHAR(32) NOT NULL, 
	assignment_id VARCHAR(32), 
	student_id VARCHAR(128), 
	timestamp DATETIME, 
	extension DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (assignment_id, student_id), 
	FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	FOREIGN KEY(student_id) REFERENCES student (id)
);
INSERT INTO "submitted_assignment" VALUES('cbaf1d95cd8443a6853b7abc1963fbce','a8de912bb89b427186732f43f8d3348e','ann',NULL,NULL);
INSERT INTO "submitted_assignment" VALUES('3feff375ec6e4d04a74b30492c971aa8','a8de912bb89b427186732f43f8d3348e','bob',NULL,NULL);
CREATE TABLE submitted_notebook (
	id VARCHAR(32) NOT NULL, 
	assignment_id VARCHAR(32), 
	notebook_id VARCHAR(32), 
	flagged BOOLEAN, 
	late_submission_penalty FLOAT, 
	PRIMARY KEY (id), 
	UNIQUE (notebook_id, assignment_id), 
	FOREIGN KEY(assignment_id) REFERENCES submitted_assignment (id), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "submitted_notebook" VALUES('5dc785f9629b4f8e997f0ed74cdb039a','cbaf1d95cd8443a6853b7abc1963fbce','893bd69fcacb4e05ae1013aa150b5b05',0,NULL);
INSERT INTO "submitted_notebook" VALUES('dc063bd790dd4f0e8172468080033598','3feff375ec6e4d04a74b30492c971aa8','893bd69fcacb4e05ae1013aa150b5b05',0,NULL);
CREATE TABLE task_cells (
	id VARCHAR(32) NOT NULL, 
	max_score FLOAT NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
COMMIT;
