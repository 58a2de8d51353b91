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
	Stage      string         `json:"stage,omitempty" doc:"What a running one reads: store, account, or one user after the other (check)"`
	Done       int            `json:"done" doc:"Users read in this stage"`
	Total      int            `json:"total" doc:"Of so many; 0 where nobody knows yet"`
	Stored     int            `json:"stored" doc:"Users that the tenant has"`
	Held       int            `json:"held" doc:"Users that the account has"`
	Same       int            `json:"same" doc:"Of the tenant's, those that the account holds as they are"`
	New        int            `json:"new" doc:"Of the tenant's, those that were never delivered and that the account does not have"`
	Owed       int            `json:"owed" doc:"Of the tenant's, those due or changed meanwhile, which were not compared"`
	Counts     map[string]int `json:"counts" doc:"Findings by kind; a list has at most 10,000 of each"`
	Findings   []FindingView  `json:"findings,omitempty"`
}

// FindingView is one disagreement of store and account.
type FindingView struct {
	Kind      delivery.FindingKind `json:"kind" enum:"missing,extra,different,duplicate,conflict,match"`
	ID        string               `json:"id,omitempty" doc:"Of the tenant's user"`
	RemoteID  string               `json:"remoteId,omitempty" doc:"Of the account's user"`
	UserName  string               `json:"userName,omitempty" doc:"Of an account user that is not the tenant's"`
	Paths     []string             `json:"paths,omitempty" doc:"Where they differ"`
	Protected bool                 `json:"protected,omitempty" doc:"An administrator of the account, who is never adopted"`
}

func viewAudit(a *audit) AuditView {
	v := AuditView{ID: a.id, Connection: a.connection.ID, State: AuditRunning, Started: a.started, Ended: a.ended, Counts: map[string]int{}}
	switch {
	case a.ended.IsZero():
		v.Stage, v.Done, v.Total = a.progress.Stage, a.progress.Done, a.progress.Total
	case a.report == nil:
		v.State, v.Reason = AuditFailed, a.reason
	default:
		r := a.report
		v.State, v.Stored, v.Held, v.Same, v.New, v.Owed = AuditDone, r.Stored, r.Held, r.Same, r.New, r.Owed
		for kind, n := range r.Counts {
			v.Counts[string(kind)] = n
		}
	}
	return v
}

func viewFindings(all []delivery.Finding, kind delivery.FindingKind, offset, limit int) []FindingView {
	views := []FindingView{}
	for _, f := range all {
		if kind != "" && f.Kind != kind {
			continue
		}
		if offset--; offset >= 0 {
			continue
		}
		if len(views) == limit {
			break
		}
		views = append(views, FindingView(f))
	}
	return views
}
