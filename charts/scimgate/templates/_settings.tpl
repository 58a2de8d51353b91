{{/* What scimgate is told, and where its secrets are. */}}

{{- define "scimgate.keysSecret" -}}
{{- default (printf "%s-keys" (include "scimgate.fullname" .)) .Values.keys.existingSecret -}}
{{- end -}}

{{/* "true" where more than one process may run. */}}
{{- define "scimgate.many" -}}
{{- if eq .Values.store.kind "mongodb" }}true{{ end -}}
{{- end -}}

{{/* "true" where delivery has processes of its own. */}}
{{- define "scimgate.separate" -}}
{{- if and (include "scimgate.many" .) .Values.delivery.separate }}true{{ end -}}
{{- end -}}

{{- define "scimgate.publicURL" -}}
{{- if .Values.publicURL -}}
{{- .Values.publicURL -}}
{{- else if and .Values.ingress.enabled .Values.ingress.hosts -}}
https://{{ first .Values.ingress.hosts }}
{{- else if and .Values.httpRoute.enabled .Values.httpRoute.hostnames -}}
https://{{ first .Values.httpRoute.hostnames }}
{{- end -}}
{{- end -}}

{{/*
Processes that share each limit where there is no Redis: the fewest that run. Taking
the most would refuse a good tenant's requests. With Redis they count themselves.
*/}}
{{- define "scimgate.sharers" -}}
{{- if not (include "scimgate.many" .) -}}1
{{- else if .Values.gateway.autoscaling.enabled -}}{{ .Values.gateway.autoscaling.minReplicas }}
{{- else -}}{{ .Values.gateway.replicas }}
{{- end -}}
{{- end -}}

{{/* The settings of `scimgate serve`, as its YAML file. No secret is in them. */}}
{{- define "scimgate.settings" -}}
{{- $s := dict
  "listen" ":8080"
  "admin-listen" ":8081"
  "key-file" (printf "/etc/scimgate/keys/%s" .Values.keys.sealingKey)
  "admin-key-file" (printf "/etc/scimgate/keys/%s" .Values.keys.adminKey)
  "outbound" (dict "hosts" .Values.outbound.hosts "late" .Values.outbound.late)
  "issuers" (dict "hosts" .Values.issuers.hosts)
  "trace-share" .Values.telemetry.traceShare
  "metrics" (dict "off" (not .Values.metrics.enabled) "tenants" .Values.metrics.tenants)
  "journal-days" (int .Values.journalDays)
  "change-days" (int .Values.changeDays)
  "max-connections" (int .Values.maxConnections)
  "lame-duck" (printf "%ds" (int .Values.lameDuckSeconds))
  "log-level" .Values.log.level
  "log-format" .Values.log.format
-}}
{{- with include "scimgate.publicURL" . }}{{- $_ := set $s "public-url" . }}{{- end }}
{{- if not (or .Values.redis.url .Values.redis.existingSecret.name) }}{{- $_ := set $s "replicas" (include "scimgate.sharers" . | int) }}{{- end }}
{{- if not (include "scimgate.many" .) }}{{- $_ := set $s "data" "/var/lib/scimgate" }}{{- end }}
{{- if .Values.tls.public.secretName }}
{{- $_ := set $s "tls-cert-file" "/etc/scimgate/tls/public/tls.crt" }}
{{- $_ := set $s "tls-key-file" "/etc/scimgate/tls/public/tls.key" }}
{{- end }}
{{- if .Values.tls.operator.secretName }}
{{- $_ := set $s "admin-tls-cert-file" "/etc/scimgate/tls/operator/tls.crt" }}
{{- $_ := set $s "admin-tls-key-file" "/etc/scimgate/tls/operator/tls.key" }}
{{- end }}
{{- if .Values.redis.ca.secretName }}{{- $_ := set $s "redis-ca-file" (printf "/etc/scimgate/redis/%s" .Values.redis.ca.key) }}{{- end }}
{{- with .Values.telemetry.otlpEndpoint }}{{- $_ := set $s "otlp-endpoint" . }}{{- end }}
{{- with .Values.alerts }}
{{- if .url }}
{{- $alerts := dict "url" .url }}
{{- if .existingSecret.name }}{{- $_ := set $alerts "secret-file" (printf "/etc/scimgate/alerts/%s" .existingSecret.key) }}{{- end }}
{{- $_ := set $s "alerts" $alerts }}
{{- end }}
{{- end }}
{{- $console := dict }}
{{- with .Values.console.url }}{{- $_ := set $console "url" . }}{{- end }}
{{- with .Values.console.oidc }}
{{- if .issuer }}
{{- $oidc := dict "issuer" .issuer "client-id" .clientId "role-claim" .roleClaim "tenant-claim" .tenantClaim }}
{{- if .existingSecret.name }}{{- $_ := set $oidc "client-secret-file" (printf "/etc/scimgate/oidc/%s" .existingSecret.key) }}{{- end }}
{{- $_ := set $console "oidc" $oidc }}
{{- end }}
{{- end }}
{{- if $console }}{{- $_ := set $s "console" $console }}{{- end }}
{{- toYaml (mergeOverwrite $s (deepCopy .Values.settings)) -}}
{{- end -}}

{{/* What no schema can say: values that need each other. */}}
{{- define "scimgate.check" -}}
{{- with .Values.store }}
{{- if and (eq .kind "mongodb") (not .mongodb.uri) (not .mongodb.existingSecret.name) }}
{{- fail "store.mongodb: give existingSecret.name (or uri, for trials)" }}
{{- end }}
{{- if and .mongodb.uri .mongodb.existingSecret.name }}
{{- fail "store.mongodb: give existingSecret.name or uri, not both" }}
{{- end }}
{{- end }}
{{- if and .Values.redis.url .Values.redis.existingSecret.name }}
{{- fail "redis: give existingSecret.name or url, not both" }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) }}
{{- fail "ingress.hosts: give the host name that identity providers use" }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
{{- fail "httpRoute.parentRefs: give the Gateway that the route belongs to" }}
{{- end }}
{{- if and (or (and .Values.ingress.enabled .Values.ingress.console) (and .Values.httpRoute.enabled .Values.httpRoute.console)) (not .Values.console.url) }}
{{- fail "console.url: give what the console's route leads to, as in https://scim.example.com/console" }}
{{- end }}
{{- if and .Values.console.oidc.issuer (or (not .Values.console.url) (not .Values.console.oidc.clientId)) }}
{{- fail "console.oidc: give issuer, clientId and console.url together" }}
{{- end }}
{{- if and .Values.alerts.existingSecret.name (not .Values.alerts.url) }}
{{- fail "alerts.url: give where alerts go, together with alerts.existingSecret" }}
{{- end }}
{{- if lt (int .Values.pod.terminationGracePeriodSeconds) (add 20 (int .Values.lameDuckSeconds) | int) }}
{{- fail "pod.terminationGracePeriodSeconds: must be at least lameDuckSeconds and 20 s more, in which requests and deliveries end" }}
{{- end }}
{{- end -}}
