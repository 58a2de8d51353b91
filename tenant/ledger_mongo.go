package tenant

import "context"

// AddToLedger implements Ledger.
func (s *Mongo) AddToLedger(ctx context.Context, id ID, entries []LedgerEntry) error {
	return s.editKept(ctx, s.ledgers, id, string(id), addingToLedger(entries))
}

// Ledger implements Ledger.
func (s *Mongo) Ledger(ctx context.Context, id ID) ([]LedgerEntry, error) {
	_, doc, err := kept(ctx, s.ledgers, string(id))
	if err != nil {
		return nil, err
	}
	return decodeLedger(doc)
}
