package directory

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"scimgate/tenant"
)

// ErrPlace means that what DeliveriesAfter is to go on after is no place in a list.
var ErrPlace = errors.New("directory: no place in a list of deliveries")

// workPlace is a place in a list of deliveries: an entry of the work list, and how many that have
// the same were listed: after a Resync a whole account is due at one instant. It holds
// nobody's name, and no tenant.
//
//	1 1791930268123456789 3
type workPlace struct {
	priority Priority
	due      time.Time
	skip     int
}

// readPlace reads a place; "" is before all.
func readPlace(text string) (p workPlace, err error) {
	if text == "" {
		return workPlace{}, nil
	}
	parts := strings.Split(text, " ")
	if len(parts) != 3 || len(parts[0]) != 1 || parts[0] < "0" || parts[0] > "9" {
		return workPlace{}, ErrPlace
	}
	nanos, failed := strconv.ParseInt(parts[1], 10, 64)
	skip, odd := strconv.ParseUint(parts[2], 10, 31)
	if failed != nil || odd != nil || nanos < 0 {
		return workPlace{}, ErrPlace
	}
	return workPlace{Priority(parts[0][0] - '0'), time.Unix(0, nanos), int(skip)}, nil
}

// from is where in the work list of a tenant the place is.
func (p workPlace) from(mark string, t tenant.ID) string { return workTime(mark, t, p.priority, p.due) }

// after is the place after items, which were listed from p on.
func (p workPlace) after(items []Item) string {
	last, same := items[len(items)-1].Delivery, 0
	for i := len(items) - 1; i >= 0 && sameWork(items[i].Delivery, last); i-- {
		same++
	}
	if same == len(items) && p.at(last) {
		same += p.skip
	}
	return fmt.Sprintf("%d %d %d", last.Priority, unixNano(last.Due), same)
}

func (p workPlace) at(d Delivery) bool {
	return sameWork(Delivery{Priority: p.priority, Due: p.due}, d)
}

func sameWork(a, b Delivery) bool {
	return a.Priority == b.Priority && unixNano(a.Due) == unixNano(b.Due)
}

// listAfter is DeliveriesAfter, given the reading of up to so many items between two
// entries of the work list, without the first few.
func listAfter(
	t tenant.ID, state State, after string, limit int, read func(low, high string, skip, limit int) ([]Item, error),
) (items []Item, next string, err error) {
	mark, ok := marks[state]
	if !ok || limit <= 0 {
		return nil, "", nil
	}
	p, err := readPlace(after)
	if err != nil {
		return nil, "", err
	}
	_, high := workRange(mark, t)
	items, err = read(p.from(mark, t), high, p.skip, limit+1)
	if err != nil || len(items) <= limit {
		return items, "", err
	}
	return items[:limit], p.after(items[:limit]), nil
}
