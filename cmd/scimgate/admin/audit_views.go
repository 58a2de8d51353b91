package admin

import (
	"time"

	"scimgate/connectors/delivery"
)

// AuditState is where an audit stands.
type AuditState string

// The states.
const (
	AuditRunning AuditState = "running"
	AuditDone    AuditState = "done"
	AuditFailed  AuditState = "failed"
)

// AuditView is an audit as the API shows it.
type AuditView struct {
	ID         string         `json:"id"`
	Connection string         `json:"connection"`
	State      AuditState     `json:"state" enum:"running,done,failed"`
	Reason     string         `json:"reason,omitempty" doc:"Why it failed"`
	Started    time.Time      `json:"started"`
	Ended      time.Time      `json:"ended,omitzero"`
	Stage      string         `json:"stage,omitempty" doc:"What a running one reads: store, account, one resource after the other (check), or who is in the groups (members)"`
	Done       int            `json:"done" doc:"Resources read in this stage"`
	Total      int            `json:"total" doc:"Of so many; 0 where nobody knows yet"`
	Stored     int            `json:"stored" doc:"Users that the tenant has"`
	Held       int            `json:"held" doc:"Users that the account has"`
	Same       int            `json:"same" doc:"Of the tenant's, those that the account holds as they are"`
	New        int            `json:"new" doc:"Of the tenant's, those that were never delivered and that the account does not have"`
	Owed       int            `json:"owed" doc:"Of the tenant's, those due or changed meanwhile, which were not compared"`
	Groups     *GroupsView    `json:"groups,omitempty" doc:"The same of its groups, where the connection is sent groups"`
	Counts     map[string]int `json:"counts" doc:"Findings by kind; a list has at most 10,000 of each"`
	Findings   []FindingView  `json:"findings,omitempty"`
}

// GroupsView is what an audit came to with the groups.
type GroupsView struct {
	Stored      int `json:"stored" doc:"Groups that the tenant has"`
	Held        int `json:"held" doc:"Groups that the account has"`
	Same        int `json:"same" doc:"Of the tenant's, those that the account holds as they are, their members apart"`
	New         int `json:"new" doc:"Of the tenant's, those that were never delivered and that the account does not have"`
	Owed        int `json:"owed" doc:"Of the tenant's, those due or changed meanwhile, or whose members are not all there yet; they were not compared"`
	Compared    int `json:"compared" doc:"Groups whose members were compared"`
	Unread      int `json:"unread" doc:"Groups that are too large for the account to show their members"`
	Memberships int `json:"memberships" doc:"Memberships that the tenant has in those compared"`
}

// FindingView is one disagreement of store and account.
type FindingView struct {
	Kind      delivery.FindingKind `json:"kind" enum:"missing,extra,different,duplicate,conflict,match"`
	About     string               `json:"about" enum:"User,Group,Membership" doc:"What it is about"`
	ID        string               `json:"id,omitempty" doc:"Of the tenant's user or group; of a membership, of the member"`
	Group     string               `json:"group,omitempty" doc:"Of a membership: id of the tenant's group"`
	RemoteID  string               `json:"remoteId,omitempty" doc:"Of the account's user or group; of a membership, of the member"`
	UserName  string               `json:"userName,omitempty" doc:"Of an account user that is not the tenant's; of such a group, its name"`
	Paths     []string             `json:"paths,omitempty" doc:"Where they differ"`
	Protected bool                 `json:"protected,omitempty" doc:"An administrator of the account, who is never adopted"`
}

// view is an audit as it stands now, without its findings.
func (a *keptAudit) view(now time.Time) AuditView {
	v := AuditView{ID: a.ID, Connection: a.Connection, State: a.state(now), Started: a.Started, Ended: a.Ended, Counts: map[string]int{}}
	switch v.State {
	case AuditRunning:
		v.Stage, v.Done, v.Total = a.Progress.Stage, a.Progress.Done, a.Progress.Total
	case AuditFailed:
		if v.Reason = a.Reason; a.Ended.IsZero() {
			v.Reason, v.Ended = "the process that ran it is gone; start another", a.Seen
		}
	default:
		r := a.Report
		v.Stored, v.Held, v.Same, v.New, v.Owed = r.Stored, r.Held, r.Same, r.New, r.Owed
		if g := r.Groups; g != nil {
			v.Groups = &GroupsView{g.Stored, g.Held, g.Same, g.New, g.Owed, g.Compared, g.Unread, g.Memberships}
		}
		for kind, n := range r.Counts {
			v.Counts[string(kind)] = n
		}
	}
	return v
}
