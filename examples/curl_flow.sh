#!/bin/sh
# Upload, submit, poll, export subtitles, delete: the API with nothing but curl (and python3 to read JSON).
#
#   export ASSEMBLYAI_BASE_URL=http://127.0.0.1:8000
#   export ASSEMBLYAI_API_KEY=...        # earshot keys create laptop
#   sh examples/curl_flow.sh recording.wav
set -eu

recording=${1:?usage: sh examples/curl_flow.sh RECORDING}
base_url=${ASSEMBLYAI_BASE_URL:?the URL of your server}
key=${ASSEMBLYAI_API_KEY:?a key made with: earshot keys create NAME}

# Prints the answer of the API; a refusal goes to standard error and ends the script.
call() {
    path=$1
    shift
    answer=$(curl --silent --show-error --fail-with-body \
        --header "Authorization: $key" "$@" "$base_url$path") || {
        printf '%s %s\n' "$path:" "$answer" >&2
        return 1
    }
    printf '%s\n' "$answer"
}

# Prints one field of the JSON object on standard input.
field() {
    python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

# --upload-file streams; --data-binary would read the whole recording into memory first.
upload=$(call /v2/upload --request POST --upload-file "$recording")
upload_url=$(printf '%s' "$upload" | field upload_url)

transcript=$(call /v2/transcript --header "Content-Type: application/json" \
    --data "{\"audio_url\": \"$upload_url\"}")
id=$(printf '%s' "$transcript" | field id)

status=queued
while [ "$status" = queued ] || [ "$status" = processing ]; do
    sleep 1
    transcript=$(call "/v2/transcript/$id")
    status=$(printf '%s' "$transcript" | field status)
done

if [ "$status" = error ]; then
    printf '%s' "$transcript" | field error >&2
    exit 1
fi

printf '%s' "$transcript" | field text
call "/v2/transcript/$id/srt?chars_per_caption=42"
call "/v2/transcript/$id" --request DELETE > /dev/null
