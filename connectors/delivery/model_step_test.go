package delivery

// A move tells of one step and the world after it.
type move func(step string, to world)

// next tells of every world that can follow w.
func (p *protocol) next(w world, to move) {
	if w.desired < newest {
		n := w
		n.desired++
		n.clean = false
		to("write", n)
	}
	p.network(w, to)
	if w.owner != nobody && w.expiries > 0 {
		n := w
		n.owner = nobody
		n.expiries--
		to("lease expires", n)
	}
	for i := range w.workers {
		crash(i, w, to)
		p.work(i, w, to)
	}
}

// network lets each request that is under way land, or get lost if nobody waits.
func (p *protocol) network(w world, to move) {
	for j, r := range w.under() {
		if r.fate != sent {
			continue
		}
		n := w
		n.remove(j)
		lost := n
		answer := request{r.version, r.tag, r.from, refused}
		if p.policy != ifMatch || r.tag == w.remoteTag {
			answer.fate = applied
			n.remote = r.version
			if p.policy == ifMatch {
				n.remoteTag++
			}
		}
		if r.from != nobody {
			n.add(answer)
		}
		to("request lands", n)
		if r.from == nobody {
			to("request is lost", lost)
		}
	}
}

// crash ends a worker at work: nobody waits for its requests any more.
func crash(i int, w world, to move) {
	if w.workers[i].phase == idle || w.crashes == 0 {
		return
	}
	n := w
	n.crashes--
	n.workers[i] = worker{}
	if n.owner == int8(i) {
		n.owner = nobody
	}
	n.requests, n.inFlight = [5]request{}, 0
	for _, r := range w.under() {
		if r.from == int8(i) {
			r.from = nobody
		}
		if r.from != nobody || r.fate == sent {
			n.add(r)
		}
	}
	to("crash", n)
}

// back is where worker i goes when it gives up what it was about to do.
func back(i int, w *world, fence uint8) worker {
	if w.owner == int8(i) {
		return worker{phase: holding, fence: fence}
	}
	return worker{}
}

func (p *protocol) work(i int, w world, to move) {
	at, n := w.workers[i], w
	switch at.phase {
	case idle:
		if w.owner == nobody && (!w.clean || w.doubtful || w.intent != 0) && !p.noSweeper {
			n.lastFence++
			n.owner = int8(i)
			n.workers[i] = worker{phase: holding, fence: n.lastFence}
			to("acquire lease", n)
		}
	case holding:
		p.hold(i, w, to)
	case reading:
		p.reading(i, w, to)
	case tagging:
		n.workers[i] = worker{phase: claimed, fence: at.fence, version: at.version, tag: w.remoteTag}
		to("read tag late", n)
	case claimed:
		p.send(i, w, to)
	case waiting:
		p.await(i, w, to)
	case acked:
		p.commit(i, w, to)
	}
}

// hold is what a worker does that believes to have the lease: stop believing,
// verify, start an attempt, or let the lease go.
func (p *protocol) hold(i int, w world, to move) {
	fence := w.workers[i].fence
	if w.owner != int8(i) {
		n := w
		n.workers[i] = worker{}
		to("step down", n)
	}
	if w.doubtful && w.intent == 0 && p.quietFor(i, &w) && w.fence <= fence {
		n := w
		n.doubtful = false
		if w.remote != w.delivered {
			n.delivered, n.clean = 0, false
		}
		to("verify", n)
	}
	switch {
	case !w.clean || w.intent != 0:
		p.begin(i, w, to)
	case !w.doubtful && w.owner == int8(i):
		n := w
		n.owner = nobody
		n.workers[i] = worker{}
		to("release lease", n)
	}
}

func (p *protocol) begin(i int, w world, to move) {
	n, fence, version := w, w.workers[i].fence, int8(w.desired)
	switch {
	case p.commitFirst:
		n.delivered, n.clean, n.intent = w.desired, true, 0
		n.workers[i] = worker{phase: claimed, fence: fence, version: version, tag: w.remoteTag}
		to("commit before the call", n)
	case p.policy == ifMatch && !p.lateTag:
		n.workers[i] = worker{phase: reading, fence: fence, version: -1, tag: w.remoteTag}
		to("read tag", n)
	case p.twoSteps:
		n.workers[i] = worker{phase: reading, fence: fence, version: version, tag: w.remoteTag, seen: w.intent}
		to("read document", n)
	default:
		p.claim(i, w, version, w.remoteTag, to)
	}
}

// claim is the one atomic step that puts the intent in place and learns which
// version to push.
func (p *protocol) claim(i int, w world, version int8, tag uint8, to move) {
	n, fence := w, w.workers[i].fence
	if !p.noFence && w.fence > fence {
		return
	}
	if p.policy == quiet && w.intent != 0 && !p.quietFor(i, &w) {
		return
	}
	n.fence = max(w.fence, fence)
	n.workers[i] = worker{phase: claimed, fence: fence, version: version, tag: tag}
	if p.lateTag {
		n.workers[i].phase = tagging
	}
	if !p.noIntent {
		n.intent = fence
	}
	if p.policy == verify && w.intent != 0 {
		n.doubtful = true
	}
	to("claim", n)
}

func (p *protocol) reading(i int, w world, to move) {
	at := w.workers[i]
	switch {
	case p.policy == ifMatch:
		p.claim(i, w, int8(w.desired), at.tag, to)
	case w.intent == at.seen:
		p.claim(i, w, at.version, w.remoteTag, to)
	}
	n := w
	n.workers[i] = back(i, &w, at.fence)
	to("read again", n)
}

func (p *protocol) send(i int, w world, to move) {
	at := w.workers[i]
	if !p.noSendBy {
		n := w
		n.workers[i] = back(i, &w, at.fence)
		to("too late to send", n)
	}
	n := w
	r := request{version: uint8(at.version), from: int8(i), fate: sent}
	if p.policy == ifMatch {
		r.tag = at.tag
	}
	n.add(r)
	n.workers[i] = worker{phase: waiting, fence: at.fence, version: at.version}
	to("send", n)
}

func (p *protocol) await(i int, w world, to move) {
	at := w.workers[i]
	for j, r := range w.under() {
		if r.from != int8(i) {
			continue
		}
		n := w
		n.remove(j)
		n.workers[i] = worker{phase: holding, fence: at.fence}
		late := n
		switch r.fate {
		case applied:
			n.workers[i] = worker{phase: acked, fence: at.fence, version: at.version}
			to("answered", n)
		case refused:
			if n.intent == at.fence {
				n.intent = 0
			}
			to("precondition failed", n)
		case sent: // no answer yet
		}
		if w.timeouts > 0 {
			late.timeouts--
			if r.fate == sent {
				late.add(request{r.version, r.tag, nobody, sent})
			}
			to("time-out", late)
		}
	}
}

func (p *protocol) commit(i int, w world, to move) {
	at, n := w.workers[i], w
	mine := w.intent == at.fence
	if p.noIntent || p.commitFirst {
		mine = w.fence <= at.fence
	}
	if mine || p.looseCommit {
		n.delivered = max(w.delivered, uint8(at.version))
		n.clean = p.blindClean || n.delivered == w.desired
		n.intent = 0
		n.workers[i] = worker{phase: holding, fence: at.fence}
		to("commit", n)
		return
	}
	n.workers[i] = back(i, &w, at.fence)
	to("commit refused", n)
}
