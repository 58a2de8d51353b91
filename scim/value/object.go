package value

// Member is one name and its value.
type Member struct {
	Name  string
	Value Value
}

// Object is a JSON object: its members in the order in which they came, found
// by name without regard to ASCII case (attribute names are ASCII, RFC 7643
// §2.1). SCIM objects have a few dozen members at most, where a walk beats a map.
type Object struct {
	Members []Member
}

// NewObject makes an object of these members.
func NewObject(members ...Member) *Object { return &Object{Members: members} }

// Len returns the number of members; a nil object has none.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.Members)
}

// Get returns the value called name, and whether there is one.
func (o *Object) Get(name string) (Value, bool) {
	if i := o.index(name); i >= 0 {
		return o.Members[i].Value, true
	}
	return Value{}, false
}

// Near is Get for who walks an object that was made of o, or the reverse, and is at
// its i-th member: there it mostly is in o, too.
func (o *Object) Near(i int, name string) (Value, bool) {
	if i < o.Len() && o.Members[i].Name == name {
		return o.Members[i].Value, true
	}
	return o.Get(name)
}

// At returns a pointer to the value called name for change in place, or nil.
// It is valid until the next Set or Delete.
func (o *Object) At(name string) *Value {
	if i := o.index(name); i >= 0 {
		return &o.Members[i].Value
	}
	return nil
}

// Set gives name a value: an existing member keeps its place and spelling, a
// new one goes to the end.
func (o *Object) Set(name string, v Value) {
	if i := o.index(name); i >= 0 {
		o.Members[i].Value = v
		return
	}
	o.Members = append(o.Members, Member{Name: name, Value: v})
}

// Delete removes the member called name and reports whether there was one.
func (o *Object) Delete(name string) bool {
	i := o.index(name)
	if i < 0 {
		return false
	}
	o.Members = append(o.Members[:i], o.Members[i+1:]...)
	return true
}

// Clone returns a deep copy of o; that of nil is nil.
func (o *Object) Clone() *Object { return Of(o).Clone().Object() }

func (o *Object) index(name string) int {
	if o == nil {
		return -1
	}
	for i := range o.Members {
		if SameName(o.Members[i].Name, name) {
			return i
		}
	}
	return -1
}

func (o *Object) equal(p *Object) bool {
	if o.Len() != p.Len() {
		return false
	}
	for i := range o.Members {
		w, ok := p.Near(i, o.Members[i].Name)
		if !ok || !Equal(o.Members[i].Value, w) {
			return false
		}
	}
	return true
}
