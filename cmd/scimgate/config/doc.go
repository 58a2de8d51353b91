// Package config is what an operator can set: one struct, filled from defaults,
// then a YAML file, then SCIMGATE_* in the environment, then flags. It reports
// every fault at once. What the settings lead to is left to package gateway.
package config
