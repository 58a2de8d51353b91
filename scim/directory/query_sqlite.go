package directory

// query names a prepared statement.
type query uint8

// The statements; what they say is in query_text_sqlite.go.
const (
	beginWrite query = iota
	commitWrite
	rollbackWrite

	insertResource
	updateResource
	buryResource
	countLive
	owe

	getResource
	countPart
	pageOfPart
	ridFurther
	afterRid
	upIDs
	downIDs
	upNames
	downNames
	byName
	byEntry
	ridsEqual
	ridsBetween
	byRid
	ridOfKey
	ridOfName

	groupEpoch
	firstEdge
	someEdges
	edgesAmong
	addEdges
	dropEdges
	newEpoch
	outlive
	livingEnds
	membersAfter
	membersAmong
	groupsOfMember
	ridsOfMember
	ridsOfGroup

	oweGroup
	oweShares
	oweAll
	allOwed
	allCompared
	sharesOwed
	askShares
	settleShare
	dropShares
	recheckShares
	edgesFurther
	oweMissing
	sharesFurther
	oweStray
	moveShares
	holdShare
	groupsHolding
	inheritShares
	leaveShares
	groupsOwing
	purgeShares
	purgeSharesOf
	forgetShares

	firstWork
	countWork
	keysDue
	workBetween
	oneDelivery
	saveDelivery
	confirmTombstone
	leaversOf
	keysAfter
	surveyAfter
	forgetSlot
	purgeable
	purgeDeliveries
	purgeResource
	purgeEdges
	purgeMemberships
	firstOutlived
	purgeOutlived
	endOutlived
	tellEvent
	tellOfKnown
	eventsUp
	eventsDown
	timesUp
	timesDown
	tenantInJournal
	expireJournal
	leaversNamed
	eraseJournal

	eraseEntries
	eraseDeliveries
	eraseResources
	eraseParts
	eraseEdges
	eraseOutlived

	queries
)

const resourceColumns = `r.rid, r.key, r.v, r.created, r.modified, r.body`
