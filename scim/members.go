package scim

// MemberChange is what a request wants of a group's members. The members of a
// group are Edges, never part of its body: a group of a million is changed
// without reading one of them.
//
// What is in neither list stays, or goes if Reset. No id is in both lists, and
// none is in a list twice. Ids are opaque and need not name anybody.
type MemberChange struct {
	Reset  bool // forget all members that there were
	Add    []string
	Remove []string

	// Unresolved is set by a store that has taken the change: how many of Add
	// name no living resource of the tenant. They are kept, and shown once there
	// is somebody of that id.
	Unresolved int
}
