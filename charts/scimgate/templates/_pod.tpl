{{/* The pod of one role. Takes a dict: root, component (gateway or delivery), role, of (the values of the component). */}}
{{- define "scimgate.pod" -}}
{{- $root := .root -}}
{{- $v := .root.Values -}}
metadata:
  # Not the chart's own labels: a new chart alone must not start new pods.
  labels:
    {{- include "scimgate.selector" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
    {{- with $v.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with $v.pod.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # A changed setting starts new pods; a changed certificate does not have to.
    checksum/settings: {{ include "scimgate.settings" $root | sha256sum }}
    {{- with $v.pod.annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "scimgate.serviceAccount" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with $v.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.pod.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  terminationGracePeriodSeconds: {{ $v.pod.terminationGracePeriodSeconds }}
  securityContext:
    {{- include "scimgate.podSecurity" $root | nindent 4 }}
  containers:
    - name: scimgate
      image: {{ include "scimgate.image" $root }}
      imagePullPolicy: {{ $v.image.pullPolicy }}
      args:
        - serve
        - --config=/etc/scimgate/settings/scimgate.yaml
        - --role={{ .role }}
      env:
        - name: GOMEMLIMIT
          value: {{ .of.goMemLimit | quote }}
        {{- with include "scimgate.secretEnv" $root | trim }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- with $v.pod.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        {{- if ne .role "delivery" }}
        - name: scim
          containerPort: 8080
        {{- end }}
        - name: operator
          containerPort: 8081
      # Opening a store makes its indexes, which takes a while at the first upgrade.
      startupProbe:
        {{- include "scimgate.probe" (dict "root" $root "path" "/healthz") | nindent 8 }}
        periodSeconds: 2
        failureThreshold: 150
      livenessProbe:
        {{- include "scimgate.probe" (dict "root" $root "path" "/healthz") | nindent 8 }}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        {{- include "scimgate.probe" (dict "root" $root "path" "/readyz") | nindent 8 }}
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 3
      {{- with .of.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        {{- include "scimgate.containerSecurity" $root | nindent 8 }}
      volumeMounts:
        {{- include "scimgate.mounts" $root | nindent 8 }}
        {{- with $v.pod.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    {{- include "scimgate.volumes" $root | nindent 4 }}
    {{- with $v.pod.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- if $v.pod.topologySpread.enabled }}
  topologySpreadConstraints:
    {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ $key }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "scimgate.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ $.component }}
    {{- end }}
  {{- end }}
  {{- with $v.pod.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.pod.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.pod.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "scimgate.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "scimgate.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "scimgate.probe" -}}
httpGet:
  path: {{ .path }}
  port: operator
  {{- if .root.Values.tls.operator.secretName }}
  scheme: HTTPS
  {{- end }}
{{- end -}}

{{/* Secrets that come as environment variables: those that are one URL. */}}
{{- define "scimgate.secretEnv" -}}
{{- if include "scimgate.many" . -}}
- name: SCIMGATE_MONGODB_URI
  valueFrom:
    secretKeyRef:
      name: {{ default (printf "%s-stores" (include "scimgate.fullname" .)) .Values.store.mongodb.existingSecret.name }}
      key: {{ if .Values.store.mongodb.existingSecret.name }}{{ .Values.store.mongodb.existingSecret.key }}{{ else }}mongodb-uri{{ end }}
{{- end }}
{{- if or .Values.redis.url .Values.redis.existingSecret.name }}
- name: SCIMGATE_REDIS_URL
  valueFrom:
    secretKeyRef:
      name: {{ default (printf "%s-stores" (include "scimgate.fullname" .)) .Values.redis.existingSecret.name }}
      key: {{ if .Values.redis.existingSecret.name }}{{ .Values.redis.existingSecret.key }}{{ else }}redis-url{{ end }}
{{- end }}
{{- end -}}

{{- define "scimgate.mounts" -}}
- name: settings
  mountPath: /etc/scimgate/settings
  readOnly: true
- name: keys
  mountPath: /etc/scimgate/keys
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- if not (include "scimgate.many" .) }}
- name: data
  mountPath: /var/lib/scimgate
{{- end }}
{{- if .Values.tls.public.secretName }}
- name: tls-public
  mountPath: /etc/scimgate/tls/public
  readOnly: true
{{- end }}
{{- if .Values.tls.operator.secretName }}
- name: tls-operator
  mountPath: /etc/scimgate/tls/operator
  readOnly: true
{{- end }}
{{- if .Values.redis.ca.secretName }}
- name: redis-ca
  mountPath: /etc/scimgate/redis
  readOnly: true
{{- end }}
{{- if .Values.console.oidc.existingSecret.name }}
- name: oidc
  mountPath: /etc/scimgate/oidc
  readOnly: true
{{- end }}
{{- if .Values.alerts.existingSecret.name }}
- name: alerts
  mountPath: /etc/scimgate/alerts
  readOnly: true
{{- end }}
{{- end -}}

{{- define "scimgate.volumes" -}}
- name: settings
  configMap:
    name: {{ include "scimgate.fullname" . }}
- name: keys
  secret:
    secretName: {{ include "scimgate.keysSecret" . }}
    defaultMode: 0440
- name: tmp
  emptyDir: {}
{{- if not (include "scimgate.many" .) }}
{{- if not .Values.store.embedded.persistent }}
- name: data
  emptyDir: {}
{{- else if .Values.store.embedded.existingClaim }}
- name: data
  persistentVolumeClaim:
    claimName: {{ .Values.store.embedded.existingClaim }}
{{- end }}
{{- end }}
{{- if .Values.tls.public.secretName }}
- name: tls-public
  secret:
    secretName: {{ .Values.tls.public.secretName }}
    defaultMode: 0440
{{- end }}
{{- if .Values.tls.operator.secretName }}
- name: tls-operator
  secret:
    secretName: {{ .Values.tls.operator.secretName }}
    defaultMode: 0440
{{- end }}
{{- if .Values.redis.ca.secretName }}
- name: redis-ca
  secret:
    secretName: {{ .Values.redis.ca.secretName }}
    defaultMode: 0440
{{- end }}
{{- if .Values.console.oidc.existingSecret.name }}
- name: oidc
  secret:
    secretName: {{ .Values.console.oidc.existingSecret.name }}
    defaultMode: 0440
{{- end }}
{{- if .Values.alerts.existingSecret.name }}
- name: alerts
  secret:
    secretName: {{ .Values.alerts.existingSecret.name }}
    defaultMode: 0440
{{- end }}
{{- end -}}
