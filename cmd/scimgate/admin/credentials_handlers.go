package admin

import (
	"context"
)

// InCredential is the path of a credential.
type InCredential struct {
	InTenant
	Credential string `path:"credential" doc:"Id of the credential" maxLength:"64"`
}

func (s *Service) listCredentials(ctx context.Context, in *InTenant) (list[CredentialView], error) {
	all, err := s.Credentials(ctx, in.Tenant)
	return list[CredentialView]{all}, err
}

func (s *Service) createCredential(ctx context.Context, in *body[CredentialInput]) (*MadeCredential, error) {
	return s.CreateCredential(ctx, in.Tenant, in.Body)
}

func (s *Service) showCredential(ctx context.Context, in *InCredential) (CredentialView, error) {
	return s.Credential(ctx, in.Tenant, in.Credential)
}

func (s *Service) changeCredential(ctx context.Context, in *struct {
	InCredential
	Body CredentialChange
},
) (CredentialView, error) {
	return s.ChangeCredential(ctx, in.Tenant, in.Credential, in.Body)
}

func (s *Service) deleteCredential(ctx context.Context, in *InCredential) (none, error) {
	return nil, s.DeleteCredential(ctx, in.Tenant, in.Credential)
}

func (s *Service) addSecret(ctx context.Context, in *struct {
	InCredential
	Body SecretInput
},
) (*MadeCredential, error) {
	return s.AddSecret(ctx, in.Tenant, in.Credential, in.Body)
}

func (s *Service) dropSecret(ctx context.Context, in *struct {
	InCredential
	Secret string `path:"secret" doc:"Id of the secret" maxLength:"64"`
},
) (CredentialView, error) {
	return s.DropSecret(ctx, in.Tenant, in.Credential, in.Secret)
}
