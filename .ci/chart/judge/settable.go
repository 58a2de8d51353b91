package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
	"go.yaml.in/yaml/v3"

	"scimgate/cmd/scimgate/config"
)

// without are the settings that the chart has no value for, and why.
var without = map[string]string{
	"outbound.loopback":          "for trials on one machine",
	"key":                        "the chart gives a file",
	"admin-key":                  "the chart gives a file",
	"console.oidc.client-secret": "the chart gives a file",
	"alerts.secret":              "the chart gives a file",
}

// settable reports the settings of scimgate that nothing of what was rendered gives.
func settable(all []manifest) error {
	known := koanf.New(".")
	if err := known.Load(structs.Provider(config.Default(), "koanf"), nil); err != nil {
		return err
	}
	given := map[string]bool{}
	for _, m := range all {
		settings := map[string]any{}
		if err := yaml.Unmarshal([]byte(m.Data["scimgate.yaml"]), &settings); err != nil {
			return err
		}
		gather(given, "", settings)
		if m.Spec.Template != nil {
			gatherArguments(given, m.Spec.Template.Spec.Containers[0])
		}
	}
	var faults []error
	for _, key := range known.Keys() {
		if !given[key] && !given[variable(key)] && without[key] == "" {
			faults = append(faults, fmt.Errorf("setting %s has no value in the chart", key))
		}
	}
	return errors.Join(faults...)
}

// gather adds the keys of a YAML file, those of its objects with dots.
func gather(given map[string]bool, prefix string, settings map[string]any) {
	for name, value := range settings {
		if inner, is := value.(map[string]any); is {
			gather(given, prefix+name+".", inner)
			continue
		}
		given[prefix+name] = true
	}
}

func gatherArguments(given map[string]bool, c container) {
	for _, arg := range c.Args {
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		given[name] = true
	}
	for _, e := range c.Env {
		given[e.Name] = true
	}
}

// variable is the name of a setting in the environment.
func variable(key string) string {
	return "SCIMGATE_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(key))
}
