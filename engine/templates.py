"""The files that `crowdlens init` writes, with the comments that a newcomer needs."""

CATALOGUE = """\
# The public list of brands that may be reported. Nothing else is ever named.
# A name is read on signs and labels; aliases are other ways of writing it. Pictures of a mark come
# in by `crowdlens catalogue add NAME --mark FILE`, and are learned by `crowdlens catalogue build`.
# After a change, the policy must name the new digest: `crowdlens policy lint` prints it.
{brands}"""

POLICY = """\
# yaml-language-server: $schema=policy.v1.json
# The rules of one study: what may be done with the photos, and what may leave.
# Check it with `crowdlens policy lint`, read it whole with `crowdlens policy show`, in plain words
# with `crowdlens policy explain`. A real study needs more fields: docs/policy.md has them, and so
# have the ready-made policies that `crowdlens init --policy` begins with.
# Reviewers sign exactly these rules; any change to a value needs new signatures.
schema: crowdlens-policy/v1
id: {id}
version: 1
# production or pilot: witnessed and approved. test: test photos or made-up ones, nobody else's.
class: test

purpose:
  statement: {statement}
  prohibited_uses: [individual-decisions, re-identification, face-recognition]

# First and last day on which the policy may be used (UTC).
validity:
  not_before: {not_before}
  not_after: {not_after}

# How many different keys must approve, in which roles. The keys are in the trust file.
approvals:
  steward: 1
  reviewer: 1

dataset:
  # The budget belongs to this name for ever: no policy, folder or user can renew it.
  id: {dataset}
  # consented-panel, own-campaign or public-posts; for class test: test-photos or made-up
  collection: {collection}

# One contributor (the account that posted) counts in at most so many cells of a table,
# and for one in each. More cells: fewer photos ignored, more noise.
contributions:
  max_cells: {max_cells}
  # once: of one contributor, photos that look the same (a copy, a burst) are one photo wherever
  # photos are counted. each: every photo counts for itself.
  near_duplicates: once

# What the dataset may lose in all, and in one release. Exact decimals, in quotes. With
# accounting: zcdp they are in rho instead of epsilon; `crowdlens policy plan` compares the two.
budget:
  total:
    epsilon: "{total}"
    delta: "1e-6"
  per_release:
    epsilon: "{per_release}"
    delta: "1e-7"

# What is taken out of a photo before anything is looked for in it. Faces, codes, number plates
# and metadata always go; a photo that can't be checked is withheld. These are the choices, each
# with its default, which is the strict one wherever the choice is between more and less.
redaction:
  # faces: heads. people: whole silhouettes too, because hair and clothes name people as well.
  people: faces
  # default-deny: all text but the catalogue's names. pii-only: personal data and what can't be
  # read, for studies that need more text; say why in text_reason.
  text: default-deny
  # blend: a grey veil whose rim blends into what lies around it. solid: grey to its edge.
  fill: blend
  # first-frame: the first picture of a moving one, or of several. withhold: none of it.
  animations: first-frame
  # What one photo may measure and cost before it is withheld.
  limits:
    max_bytes: 50000000
    max_pixels: 50000000
    max_seconds: 8
    max_memory_mb: 1024
  # No run without a signed evaluation that reached these figures with exactly these choices and
  # the weights of the machine. `crowdlens evaluate redaction --policy POLICY --sign-with KEY`
  # writes it beside the policy; docs/evaluation.md says what the figures mean.
  # evaluation:
  #   record: sha256:...
  #   min_face_recall: "0.95"
  #   min_photos_safe: "0.9"
  #   max_withheld: "0.15"

# How sure a label must be to count as seen: of those with a score of 0.8, about eight in ten are
# right. docs/recognition.md says what was measured, and how to name other nets here.
recognition:
  least_score:
    brand: "0.5"
    scene: "0.6"
    object: "0.6"
    interest: "0.6"

# Each statistic is one table. By default it counts contributors who show a label, per cell; kind:
# photos, together, running-total and top measure otherwise. docs/statistics.md has them all, and
# `crowdlens policy plan` says how exact each would be.
statistics:
{statistics}
# The keys of the tables. They come from here, never from the photos.
dimensions:
  brand:
    catalogue: catalogue.yaml
    digest: {digest}
    # What `crowdlens catalogue build` made of marks and examples, if there are any:
    # built: sha256:...
  # Scenes, objects and interests of the public lists, or scenes that the catalogue teaches:
  # scene:
  #   labels: [kitchen, beach]
  # object:
  #   labels: [cup, bicycle]
  # interest:
  #   labels: [dining, sport]
  # Regions of the manifest's column, in your words; or, with `from: country`, the country that
  # coordinates lie in, which is all of them that is kept:
  # region:
  #   from: country
  #   labels: [DE, FR]
  week:
    from: {first_week}
    to: {last_week}
{more_dimensions}"""
