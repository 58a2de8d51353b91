package tenant

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// A document of the collection "leases":
//
//	_id    the tenant
//	owner  who has it
//	term   names this holding
//	until  when it runs out: milliseconds since 1970, by the server's clock

// AcquireLease implements Leases. A write that the driver sends twice finds its
// own owner, and writes the same again.
func (s *Mongo) AcquireLease(ctx context.Context, id ID, owner string, last time.Duration) (string, error) {
	now, err := s.clock.now(ctx, s.leases.Database())
	if err != nil {
		return "", err
	}
	term := uuid.NewString()
	free := bson.D{{Key: "_id", Value: id}, {Key: "$or", Value: bson.A{
		bson.D{{Key: "until", Value: bson.D{{Key: "$lt", Value: toMillis(now)}}}}, bson.D{{Key: "owner", Value: owner}},
	}}}
	_, err = s.leases.UpdateOne(ctx, free, bson.D{{Key: "$set", Value: bson.D{
		{Key: "owner", Value: owner}, {Key: "term", Value: term}, {Key: "until", Value: toMillis(now.Add(last))},
	}}}, options.UpdateOne().SetUpsert(true))
	if mongo.IsDuplicateKeyError(err) || serverFault(err, writeConflict) { // somebody else has it, or just took it
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("acquire a lease: %w", err)
	}
	return term, nil
}

// Codes of a server's faults.
const (
	unknownCommand = 59
	writeConflict  = 112 // two upserts met
)

func serverFault(err error, code int) bool {
	var fault mongo.ServerError
	return errors.As(err, &fault) && fault.HasErrorCode(code)
}

// RenewLease implements Leases.
func (s *Mongo) RenewLease(ctx context.Context, id ID, term string, last time.Duration) (bool, error) {
	now, err := s.clock.now(ctx, s.leases.Database())
	if err != nil {
		return false, err
	}
	result, err := s.leases.UpdateOne(ctx, leaseOf(id, term),
		bson.D{{Key: "$set", Value: bson.D{{Key: "until", Value: toMillis(now.Add(last))}}}})
	if err != nil {
		return false, fmt.Errorf("renew a lease: %w", err)
	}
	return result.MatchedCount == 1, nil
}

// ReleaseLease implements Leases.
func (s *Mongo) ReleaseLease(ctx context.Context, id ID, term string) error {
	if _, err := s.leases.DeleteOne(ctx, leaseOf(id, term)); err != nil {
		return fmt.Errorf("release a lease: %w", err)
	}
	return nil
}

func leaseOf(id ID, term string) bson.D {
	return append(byID(string(id)), bson.E{Key: "term", Value: term})
}

// serverClock is the server's time, asked for once in a while and told from this
// process's monotonic clock in between: filters bring it along, because not every
// server has it in filters of its own.
type serverClock struct {
	mu     sync.Mutex
	asked  time.Time // by our clock; zero: never
	server time.Time // by the server's, then
}

// askEvery bounds how far two clocks may have parted.
const askEvery = time.Minute

func (c *serverClock) now(ctx context.Context, db *mongo.Database) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked.IsZero() || time.Since(c.asked) > askEvery {
		if err := c.ask(ctx, db); err != nil && c.asked.IsZero() {
			return time.Time{}, err
		}
	}
	return c.server.Add(time.Since(c.asked)), nil
}

func (c *serverClock) ask(ctx context.Context, db *mongo.Database) error {
	var answer struct {
		LocalTime time.Time `bson:"localTime"`
	}
	began := time.Now()
	err := db.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&answer)
	if serverFault(err, unknownCommand) { // the name before MongoDB 5
		began = time.Now()
		err = db.RunCommand(ctx, bson.D{{Key: "isMaster", Value: 1}}).Decode(&answer)
	}
	if err != nil {
		return fmt.Errorf("ask the server's time: %w", err)
	}
	if answer.LocalTime.IsZero() { // it does not tell
		answer.LocalTime = began
	}
	c.asked, c.server = began, answer.LocalTime
	return nil
}
