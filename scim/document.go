package scim

import "scimgate/scim/value"

// ReadNew reads the body of a POST as a new resource called newID: values
// checked, names in the schema's spelling, attributes in the order in which they
// came behind schemas and id. What a client may not write (id, meta, groups) is
// ignored, as RFC 7644 §3.3 says; a password is dropped. The error is an *Error.
func (t *ResourceType) ReadNew(doc value.Value, newID string, m Mode) (*Resource, error) {
	o, in, err := t.readDocument(doc, newID, m)
	if err != nil {
		return nil, err
	}
	if err := t.complete(o, doc, m); err != nil {
		return nil, err
	}
	r := NewResource(t.Name, newID, o)
	r.Members = in.change()
	return r, nil
}

// Replace makes r what the body of a PUT says (RFC 7644 §3.5.1): each attribute
// that a client may write is as in doc, or gone. Only active stays as it was if
// doc does not name it: Okta leaves it out, and a PUT must not enable a disabled
// user by silence. On error, or if nothing changes, r is as before.
func (t *ResourceType) Replace(r *Resource, doc value.Value, m Mode) (changed bool, err error) {
	old, err := r.Attributes()
	if err != nil {
		return false, err
	}
	o, in, err := t.readDocument(doc, r.ID, m)
	if err != nil {
		return false, err
	}
	if was, ok := old.Get(active); ok && doc.Object().At(active) == nil {
		o.Set(active, was)
	}
	if err := t.complete(o, doc, m); err != nil {
		return false, err
	}
	return r.become(old, o, in.change()), nil
}

// complete finishes a resource that doc gave whole.
func (t *ResourceType) complete(o *value.Object, doc value.Value, m Mode) error {
	if err := t.finish(o, m); err != nil {
		return err
	}
	if err := t.requireExtensions(o); err != nil {
		return err
	}
	return t.checkSchemas(doc, o, m)
}

// readDocument reads the attributes of doc one by one, and a group's members
// beside them.
func (t *ResourceType) readDocument(doc value.Value, newID string, m Mode) (*value.Object, roster, error) {
	in, who := doc.Object(), roster{}
	if in == nil {
		return nil, who, Errorf(InvalidSyntax, "The body must be a JSON object.")
	}
	out := &value.Object{Members: make([]value.Member, 2, len(in.Members)+2)}
	out.Members[0] = value.Member{Name: schemas}
	out.Members[1] = value.Member{Name: id, Value: value.NewText(newID)}
	for _, member := range in.Members {
		if err := t.readMember(out, &who, member, m); err != nil {
			return nil, who, err
		}
	}
	return out, who, nil
}

// readMember reads one member of a document into out, or into who if it is a
// group's members.
func (t *ResourceType) readMember(out *value.Object, who *roster, in value.Member, m Mode) error {
	if a := t.Attribute("", in.Name); a != nil {
		switch {
		case a.Mutability == readOnly:
			return nil
		case t.edges(a):
			return who.read(a, in.Value, m)
		}
		return a.readInto(out, in.Value, m)
	}
	if s := t.extension(in.Name); s != nil {
		return s.readExtension(out, in.Value, m)
	}
	if value.SameName(in.Name, password) {
		m.tolerate(PasswordDropped, password)
		return nil
	}
	if a := t.misplaced(in.Name); a != nil && m.tolerate(MisplacedAttribute, a.Name) {
		if extensionOf(out, EnterpriseUserURN).At(a.Name) != nil {
			return nil // given in its place too, which counts
		}
		return a.readInto(extensionOf(out, EnterpriseUserURN), in.Value, m)
	}
	return unknown(in.Name, m)
}

// readInto reads v as the value of a in o.
func (a *Attribute) readInto(o *value.Object, v value.Value, m Mode) error {
	v, err := a.read(v, a.path, m)
	if err == nil && !v.Unassigned() {
		o.Set(a.Name, v)
	}
	return err
}

// extensionOf returns the object of an extension in o, made if need be; finish
// drops it if nothing comes into it.
func extensionOf(o *value.Object, urn string) *value.Object {
	if v, ok := o.Get(urn); ok {
		return v.Object()
	}
	made := value.NewObject()
	o.Set(urn, value.Of(made))
	return made
}

// readExtension reads v as the attributes of the extension s in out.
func (s *Schema) readExtension(out *value.Object, v value.Value, m Mode) error {
	if v.Unassigned() {
		return nil
	}
	if v.Object() == nil {
		return Errorf(InvalidValue, "The attribute %s must be an object.", s.ID)
	}
	o := extensionOf(out, s.ID)
	for _, member := range v.Object().Members {
		if err := s.readMember(o, member, m); err != nil {
			return err
		}
	}
	return nil
}

func (s *Schema) readMember(o *value.Object, in value.Member, m Mode) error {
	if a := s.find(in.Name); a != nil {
		return a.readInto(o, in.Value, m)
	}
	path := s.ID + ":" + in.Name
	if !s.keeps(in, path, m) {
		return unknown(path, m)
	}
	if !in.Value.Unassigned() {
		o.Set(in.Name, in.Value)
	}
	return nil
}

// keeps reports whether an attribute that s does not define is stored as it was
// sent: a simple value in an open schema, until the tenant defines it (design 6.6).
func (s *Schema) keeps(in value.Member, path string, m Mode) bool {
	simple := in.Value.Kind() != value.Array && in.Value.Kind() != value.Obj
	return s.open() && simple && validName(in.Name) && m.tolerate(UndefinedAttribute, shorten(path))
}

// checkSchemas compares the schemas that doc names with those of o. A difference
// is no reason to refuse what is otherwise clear, unless the tenant is strict.
func (t *ResourceType) checkSchemas(doc value.Value, o *value.Object, m Mode) error {
	given, _ := doc.Object().Get(schemas)
	items := given.Items()
	if given.Kind() == value.String {
		items = []value.Value{given}
	}
	for _, urn := range items {
		known := value.SameName(urn.Text(), t.Core.ID) || t.extension(urn.Text()) != nil
		if !known && !m.tolerate(UnknownSchema, schemas) {
			return Errorf(InvalidSyntax, "The attribute schemas names a schema that %s does not have.", t.Name)
		}
	}
	for _, urn := range o.Members[0].Value.Items() {
		if !holds(items, urn.Text()) && !m.tolerate(MissingSchema, schemas) {
			return Errorf(InvalidSyntax, "The attribute schemas must name %s.", urn.Text())
		}
	}
	return nil
}

// holds reports whether a text is among items, in any case.
func holds(items []value.Value, text string) bool {
	for _, item := range items {
		if value.SameName(item.Text(), text) {
			return true
		}
	}
	return false
}
