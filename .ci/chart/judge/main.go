// Command judge reads what `helm template` renders on standard input and looks at
// what no schema says: that scimgate itself takes the settings that the pods give
// it, that every pod is as locked up as it can be, that what is mounted is there and
// what is read is mounted, and that each Service leads to a pod.
//
// With "settable" as its argument it looks at what several values files render, one
// behind the other: whether each setting of scimgate has a value of the chart.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"scimgate/cmd/scimgate/config"
)

// manifest is as much of any kind as the judge looks at.
type manifest struct {
	Kind     string
	Metadata struct {
		Name   string
		Labels map[string]string
	}
	Data map[string]string
	Spec struct {
		Template             *podTemplate
		Selector             yaml.Node
		VolumeClaimTemplates []struct{ Metadata struct{ Name string } } `yaml:"volumeClaimTemplates"`
		podSpec              `yaml:",inline"`
	}
}

type podTemplate struct {
	Metadata struct{ Labels map[string]string }
	Spec     podSpec
}

type podSpec struct {
	AutomountServiceAccountToken *bool `yaml:"automountServiceAccountToken"`
	Grace                        int   `yaml:"terminationGracePeriodSeconds"`
	SecurityContext              struct {
		RunAsNonRoot   bool                  `yaml:"runAsNonRoot"`
		SeccompProfile struct{ Type string } `yaml:"seccompProfile"`
	} `yaml:"securityContext"`
	Containers []container
	Volumes    []struct{ Name string }
}

type container struct {
	Args []string
	Env  []struct{ Name, Value string }

	SecurityContext struct {
		AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
		ReadOnly                 bool  `yaml:"readOnlyRootFilesystem"`
		Capabilities             struct{ Drop []string }
	} `yaml:"securityContext"`
	VolumeMounts []struct {
		Name string
		Path string `yaml:"mountPath"`
	} `yaml:"volumeMounts"`
}

func main() {
	all, err := read(os.Stdin)
	look := judge
	if len(os.Args) == 2 && os.Args[1] == "settable" {
		look = settable
	}
	if err == nil {
		err = look(all)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d manifests are in order\n", len(all))
}

func read(r io.Reader) (all []manifest, err error) {
	decoder := yaml.NewDecoder(r)
	for {
		var m manifest
		if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		if m.Kind != "" {
			all = append(all, m)
		}
	}
}

func judge(all []manifest) error {
	var faults []error
	settings, pods := "", 0
	for _, m := range all {
		settings += m.Data["scimgate.yaml"]
	}
	for _, m := range all {
		fault := func(err error) {
			if err != nil {
				faults = append(faults, fmt.Errorf("%s %s: %w", m.Kind, m.Metadata.Name, err))
			}
		}
		switch m.Kind {
		case "Pod":
			fault(locked(m.Spec.podSpec))
			fault(mounted(m.Spec.podSpec, nil))
		case "Job":
			fault(locked(m.Spec.Template.Spec))
			fault(mounted(m.Spec.Template.Spec, nil))
		case "Deployment", "StatefulSet":
			pods++
			fault(locked(m.Spec.Template.Spec))
			fault(mounted(m.Spec.Template.Spec, m))
			fault(taken(m.Spec.Template.Spec, settings))
		case "Service":
			fault(leads(m, all))
		}
	}
	if pods == 0 {
		faults = append(faults, errors.New("nothing runs"))
	}
	return errors.Join(faults...)
}

// locked reports what a pod may do that it need not.
func locked(p podSpec) error {
	var faults []error
	say := func(bad bool, what string) {
		if bad {
			faults = append(faults, errors.New(what))
		}
	}
	say(p.AutomountServiceAccountToken == nil || *p.AutomountServiceAccountToken, "a token of Kubernetes is mounted")
	say(!p.SecurityContext.RunAsNonRoot, "it may run as root")
	say(p.SecurityContext.SeccompProfile.Type != "RuntimeDefault", "no seccomp profile")
	for _, c := range p.Containers {
		s := c.SecurityContext
		say(!s.ReadOnly, "its root file system can be written")
		say(s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation, "privileges can be raised")
		say(strings.Join(s.Capabilities.Drop, "") != "ALL", "capabilities are left")
	}
	return errors.Join(faults...)
}

// mounted reports mounts without a volume, and mounts inside of others, which a
// read-only volume does not take.
func mounted(p podSpec, of any) error {
	var faults []error
	there := map[string]bool{}
	for _, v := range p.Volumes {
		there[v.Name] = true
	}
	if m, is := of.(manifest); is {
		for _, v := range m.Spec.VolumeClaimTemplates {
			there[v.Metadata.Name] = true
		}
	}
	for _, c := range p.Containers {
		for _, mount := range c.VolumeMounts {
			if !there[mount.Name] {
				faults = append(faults, fmt.Errorf("volume %s is not there", mount.Name))
			}
			for _, other := range c.VolumeMounts {
				if strings.HasPrefix(mount.Path, other.Path+"/") {
					faults = append(faults, fmt.Errorf("%s is mounted inside of %s", mount.Path, other.Path))
				}
			}
		}
	}
	return errors.Join(faults...)
}

// taken starts nothing, but reads the settings as `scimgate serve` would with these
// arguments and this environment, and looks for the files that they name.
func taken(p podSpec, settings string) error {
	c := p.Containers[0]
	file, err := os.CreateTemp("", "scimgate-*.yaml")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	if _, err := file.WriteString(settings); err != nil {
		return err
	}
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	config.AddFlags(flags)
	if err := flags.Parse(c.Args[1:]); err != nil {
		return err
	}
	if err := flags.Set("config", file.Name()); err != nil {
		return err
	}
	loaded, err := config.Load(flags, environment(c))
	if err != nil {
		return err
	}
	drain := int(loaded.LameDuck.Seconds()) + 20
	if p.Grace < drain {
		return fmt.Errorf("it is killed after %d s, and may need %d s", p.Grace, drain)
	}
	found := reachable(c, loaded)
	loaded.RedisCAFile = "" // which would be read here, and is there only
	return errors.Join(found, loaded.Validate())
}

// environment is what a container is given; what comes from a Secret is something
// of the right shape.
func environment(c container) []string {
	given := map[string]string{"SCIMGATE_MONGODB_URI": "mongodb://m/scimgate", "SCIMGATE_REDIS_URL": "rediss://r:6379/0"}
	var environ []string
	for _, e := range c.Env {
		value := e.Value
		if value == "" {
			value = given[e.Name]
		}
		environ = append(environ, e.Name+"="+value)
	}
	return environ
}

func reachable(c container, loaded *config.Config) error {
	var faults []error
	files := []string{loaded.KeyFile, loaded.AdminKeyFile, loaded.TLSCertFile, loaded.TLSKeyFile, loaded.AdminTLSCertFile, loaded.AdminTLSKeyFile, loaded.Console.OIDC.ClientSecretFile, loaded.Alerts.SecretFile, loaded.RedisCAFile}
	if loaded.MongoDBURI == "" {
		files = append(files, filepath.Join(loaded.Data, "scimgate.db"))
	}
	for _, file := range files {
		found := file == ""
		for _, mount := range c.VolumeMounts {
			found = found || filepath.Dir(file) == mount.Path
		}
		if !found {
			faults = append(faults, fmt.Errorf("%s lies on no volume", file))
		}
	}
	return errors.Join(faults...)
}

// leads reports a Service that no pod answers.
func leads(service manifest, all []manifest) error {
	var selector map[string]string
	if err := service.Spec.Selector.Decode(&selector); err != nil {
		return err
	}
	for _, m := range all {
		if m.Spec.Template != nil && within(selector, m.Spec.Template.Metadata.Labels) {
			return nil
		}
	}
	return errors.New("it leads to no pod")
}

func within(selector, labels map[string]string) bool {
	for name, value := range selector {
		if labels[name] != value {
			return false
		}
	}
	return len(selector) > 0
}
