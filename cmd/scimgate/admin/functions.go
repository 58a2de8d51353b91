package admin

import (
	"context"

	"scimgate/mapping"
)

// FunctionView is one function of the expression language.
type FunctionView struct {
	Name      string        `json:"name"`
	Signature string        `json:"signature" example:"Append(source, suffix)"`
	Doc       string        `json:"doc"`
	Examples  []ExampleView `json:"examples"`
}

// ExampleView is an expression and its result for one user.
type ExampleView struct {
	Expression string `json:"expression"`
	Result     string `json:"result" doc:"Empty: null"`
}

// DifferenceView is where the language is not as Entra's.
type DifferenceView struct {
	Name    string `json:"name" doc:"Function or part of the language"`
	Entra   string `json:"entra" doc:"What Entra does"`
	Here    string `json:"here"`
	Why     string `json:"why"`
	Refused bool   `json:"refused,omitempty" doc:"Refused when rules are saved"`
	Instead string `json:"instead,omitempty" doc:"What to use then"`
}

// Language is the manual of expressions.
type Language struct {
	Functions   []FunctionView   `json:"functions"`
	Differences []DifferenceView `json:"differences"`
}

// Functions is the manual of expressions, made of the table that runs them.
func Functions() Language {
	return Language{
		Functions: listOf(mapping.Functions(), func(f mapping.Function) FunctionView {
			return FunctionView{
				Name: f.Name, Signature: f.Name + "(" + f.Usage() + ")", Doc: f.Doc,
				Examples: listOf(f.Examples, func(e mapping.Example) ExampleView { return ExampleView(e) }).Items,
			}
		}).Items,
		Differences: listOf(mapping.Differences(), func(d mapping.Difference) DifferenceView { return DifferenceView(d) }).Items,
	}
}

func (s *Service) listFunctions(context.Context, *struct{}) (Language, error) {
	return Functions(), nil
}
