package tenant

// Adopt says which users that an account holds already, made by another hand, may
// become ours. One of the same userName and the same externalId always may, an
// administrator of the account never.
type Adopt string

// The rules. Whoever is not adopted stays a conflict, for a person to decide.
const (
	AdoptAsk        Adopt = "ask"        // nobody else; "" too
	AdoptUserName   Adopt = "userName"   // who has the userName
	AdoptExternalID Adopt = "externalId" // who has the externalId, under whatever userName
)
