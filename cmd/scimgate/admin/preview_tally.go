package admin

import (
	"cmp"
	"errors"

	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/value"
)

// tally is what came of a batch of users.
type tally struct {
	Preview
	all               bool // tell every attribute, of a user who would not change too
	sampled, failures bool // that list is full
}

// see tries one user.
func (t *tally) see(trial *mapping.Trial, r *scim.Resource) error {
	attributes, err := r.Attributes()
	if err != nil {
		return errors.New("a stored user is damaged: " + r.ID) // err may hold what it holds
	}
	v := trial.Of(attributes)
	t.Users++
	if v.Changed {
		t.Changed++
	}
	if v.Failed != nil {
		t.Failed++
	}
	if v.FailedBefore != nil {
		t.FailedAlready, t.Mended = t.FailedAlready+one(v.Failed != nil), t.Mended+one(v.Changed)
	}
	switch {
	case v.Changed && !t.sampled && len(t.Sample) < maxSample, t.all && v.Failed == nil:
		t.Sample = append(t.Sample, t.tell(v, r, attributes))
	case v.Failed != nil && !t.failures && len(t.Failures) < maxSample:
		t.Failures = append(t.Failures, t.tell(v, r, attributes))
	}
	return nil
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (t *tally) tell(v mapping.Verdict, r *scim.Resource, attributes *value.Object) UserPreview {
	name, _ := attributes.Get("userName")
	told := UserPreview{UserID: r.ID, UserName: name.Text(), Failure: failure(v.Failed), FailureBefore: failure(v.FailedBefore)}
	if v.Failed == nil { // else everything would be said to go
		told.Changes = v.Changes(t.all)
	}
	return told
}

func failure(err *mapping.Error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// add takes in another tally.
func (t *tally) add(o *tally) {
	t.Users, t.Changed, t.Failed = t.Users+o.Users, t.Changed+o.Changed, t.Failed+o.Failed
	t.FailedAlready, t.Mended = t.FailedAlready+o.FailedAlready, t.Mended+o.Mended
	t.Sample = append(t.Sample, o.Sample[:min(len(o.Sample), maxSample-len(t.Sample))]...)
	t.Failures = append(t.Failures, o.Failures[:min(len(o.Failures), maxSample-len(t.Failures))]...)
}

// preview is the tally with lists where nothing is in them.
func (t *tally) preview() *Preview {
	p := t.Preview
	p.Sample, p.Failures = nonNil(p.Sample), nonNil(p.Failures)
	return &p
}

func nonNil(list []UserPreview) []UserPreview {
	if list == nil {
		return []UserPreview{}
	}
	return list
}

// byAge puts who changed last first.
func byAge(a, b *scim.Resource) int {
	return cmp.Or(b.LastModified.Compare(a.LastModified), cmp.Compare(b.ID, a.ID))
}
