# %% wrong="smallest first" says="The order is reversed"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return cosines.acos()


# %% wrong="cosines" says="Those are cosines"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return cosines


# %% wrong="sines" says="Those are sines"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return (1 - cosines**2).sqrt().flip(0)


# %% wrong="asin" says="asin of cosines"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return cosines.asin()


# %% wrong="degrees" says="Those are degrees"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return cosines.acos().flip(0).rad2deg()


# %% wrong="no bases" says="take a basis by QR"
def principal_angles(a, b):
    basis_a, basis_b = a.T, b.T
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return cosines.acos().flip(0)


# %% wrong="unit rows" says="not yet at right angles"
def principal_angles(a, b):
    basis_a, basis_b = (rows.T / rows.norm(dim=1) for rows in (a, b))
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return cosines.acos().flip(0)


# %% wrong="row with row" says="That compares row with row"
def principal_angles(a, b):
    n = min(len(a), len(b))
    a, b = a[:n] / a[:n].norm(dim=1, keepdim=True), b[:n] / b[:n].norm(dim=1, keepdim=True)
    return (a * b).sum(1).clamp(-1, 1).acos()


# %% wrong="largest only" says="largest angle only"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return cosines.min().acos()


# %% wrong="no clamp" says="clamp them before acos"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b)
    return cosines.acos().flip(0)


# %% wrong="bases of columns" says="take qr(a.T) and qr(b.T)"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a).Q, torch.linalg.qr(b).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return cosines.acos().flip(0)


# %% wrong="squares" says="squares of the cosines"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1) ** 2
    return cosines


# %% wrong="always the visible angles" says="An angle between a space and itself has shape"
def principal_angles(a, b):
    return torch.tensor([1.3, 0.4], dtype=torch.float64)


# %% wrong="clamps far too low" says="Clamp at 1 and no lower"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=0.99)
    return cosines.acos().flip(0)


# %% wrong="entries of the product" says="not its diagonal"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = (basis_a.T @ basis_b).diagonal().abs().clamp(max=1)
    return cosines.acos().sort(descending=True).values


# %% wrong="forgets return" says="Does the function end with return?"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    pass


# %% wrong="clamps a little too low" says="Clamp at 1 and no lower"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(-1 + 1e-7, 1 - 1e-7)
    return cosines.acos().flip(0)


# %% wrong="clamps by float32's last digit" says="Clamp at 1 and no lower"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1 - torch.finfo(torch.float32).eps)
    return cosines.acos().flip(0)


# %% wrong="cosines, smallest first" says="Those are cosines"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    return torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1).flip(0)


# %% wrong="in float32" says="Keep the dtype of a and b"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.float().T).Q, torch.linalg.qr(b.float().T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return cosines.acos().flip(0)


# %% wrong="in float64 only" says="RuntimeError"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    start = torch.eye(a.shape[1], dtype=torch.float64)
    cosines = torch.linalg.svdvals(basis_a.T @ start @ basis_b).clamp(max=1)
    return cosines.acos().flip(0)


# %% wrong="the larger space first" says="between 2 and 3 dimensions has shape (3,)"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    sines = torch.linalg.svdvals(basis_b - basis_a @ (basis_a.T @ basis_b)).clamp(max=1)
    return sines.asin()


# %% wrong="the smallest" says="smallest angle only"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    return torch.linalg.matrix_norm(basis_a.T @ basis_b, 2).clamp(max=1).acos()


# %% wrong="squeezes" says="between two lines"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return cosines.acos().flip(0).squeeze()


# %% wrong="lines with a direction" says="A line points both ways"
def principal_angles(a, b):
    if len(a) == len(b) == 1:
        return torch.nn.functional.cosine_similarity(a, b).acos()
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return cosines.acos().flip(0)


# %% wrong="calls the course's own" says="the course's own function"
def principal_angles(a, b):
    return autoencoders.principal_angles(a, b)


# %% wrong="snaps" says="leave cosines below 1 as they are"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b)
    cosines[cosines > 0.999] = 1
    return cosines.acos().flip(0)


# %% wrong="rounds" says="round nothing"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    return torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1).acos().round(decimals=4).flip(0)


# %% wrong="in float64 always" says="The angles are torch.float64, but a is torch.float32"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.double().T).Q, torch.linalg.qr(b.double().T).Q
    return torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1).acos().flip(0)


# %% wrong="transposes late" says="multiply the transpose of one with the other"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    return torch.linalg.svdvals(basis_a @ basis_b.T).clamp(max=1).acos().flip(0)


# %% wrong="forgets .Q" says="take its .Q"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T), torch.linalg.qr(b.T)
    return torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1).acos().flip(0)


# %% wrong="bases of everything" says="That is a basis of everything"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.svd(a).Vh, torch.linalg.svd(b).Vh
    return torch.linalg.svdvals(basis_a @ basis_b.T).clamp(max=1).acos().flip(0)


# %% right="projections"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    if basis_a.shape[1] < basis_b.shape[1]:
        basis_a, basis_b = basis_b, basis_a
    rest = basis_b - basis_a @ (basis_a.T @ basis_b)
    sines = torch.linalg.svdvals(rest).clamp(max=1)
    return sines.asin()


# %% right="bases by SVD"
def principal_angles(a, b):
    u = torch.linalg.svd(a, full_matrices=False).Vh
    v = torch.linalg.svd(b, full_matrices=False).Vh
    cosines = torch.linalg.svdvals(u @ v.T)
    return torch.acos(torch.minimum(cosines, torch.ones_like(cosines))).flip(-1)


# %% right="numpy"
def principal_angles(a, b):
    import scipy.linalg

    return torch.from_numpy(scipy.linalg.subspace_angles(a.T.numpy(), b.T.numpy()).copy())


# %% right="square roots of eigenvalues"
def principal_angles(a, b):
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    if len(a) < len(b):
        basis_a, basis_b = basis_b, basis_a
    overlap = basis_a.T @ basis_b
    return torch.linalg.eigvalsh(overlap.T @ overlap).clamp(0, 1).sqrt().acos()


# %% right="sorted, by way of float64, as a lambda"
def principal_angles(a, b):
    pass


def each(last):
    def angles(a, b):
        cosines = torch.linalg.svd(torch.linalg.qr(a.double().T).Q.T @ torch.linalg.qr(b.double().T).Q).S
        return last(cosines).to(a.dtype)

    return lambda a, b: angles(a, b)


principal_angles = each(lambda cosines: cosines.clamp(-1, 1).acos().sort(descending=True).values)
