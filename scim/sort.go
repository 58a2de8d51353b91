package scim

import (
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// BindSort reads sortBy (RFC 7644 §3.4.2.3): an attribute or a sub-attribute, with
// or without URN. The error is an *Error, 400 invalidPath.
func (t *ResourceType) BindSort(text string, m Mode) (*filter.Path, error) {
	p, err := filter.ParsePath(text)
	if err != nil || p.Filter != nil {
		return nil, Errorf(InvalidPath, "The attribute in sortBy cannot be read.")
	}
	if err := t.binder(m).BindPath(nil, &p, filter.Equal); err != nil {
		return nil, Errorf(InvalidPath, "The attribute in sortBy is none that resources can be sorted by.")
	}
	return &p, nil
}

// Leading returns the value at p by which r is sorted, null if it has none: of a
// multi-valued attribute the primary one, else the first (RFC 7644 §3.4.2.3). An
// error means that the stored body is damaged.
func (r *Resource) Leading(p *filter.Path) (value.Value, error) {
	o, err := r.Attributes()
	if err != nil {
		return value.Value{}, err
	}
	if p.URN == "" && p.Name == meta {
		o = r.withMeta("")
	}
	if p.URN != "" {
		extension, _ := o.Get(p.URN)
		o = extension.Object()
	}
	v, _ := o.Get(p.Name)
	if v.Kind() == value.Array {
		v = primaryOf(v.Items())
	}
	if inner := v.Object(); inner != nil {
		v, _ = inner.Get(p.Sub)
	}
	return v, nil
}

func primaryOf(items []value.Value) value.Value {
	for _, item := range items {
		if isPrimary(item) {
			return item
		}
	}
	if len(items) == 0 {
		return value.Value{}
	}
	return items[0]
}
