# Python packages that judge exports and histograms, in an environment of their own in the cache. Sourced, never run; needs common.sh and
# packages.sh.

python_packages=(perfetto==0.59.1 protobuf==7.36.2 duckdb==2.0.1 pandas==3.1.1 hdrhistogram==0.10.8)

# python_environment: its directory, which a change of the list above makes anew.
python_environment() {
    printf '%s/python/%s\n' "$(cache_directory)" \
        "$(printf '%s\n' "$(python3 --version)" "${python_packages[@]}" | sha256sum | cut -c 1-12)"
}

# need_python_packages: makes it unless it is there, from what pip is configured to ask. Two runs wait for each other.
need_python_packages() {
    local directory
    need_command python3 python3
    directory=$(python_environment)
    [[ ! -e $directory ]] || return 0
    mkdir -p "$(dirname -- "$directory")"
    (
        flock 9
        if [[ ! -e $directory ]]; then
            note "installing the Python packages ${python_packages[*]} (once; they are kept in $directory)"
            python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
            rm -rf -- "$directory.part"
            python3 -m venv "$directory.part" &&
                "$directory.part/bin/python" -m pip -q install --disable-pip-version-check "${python_packages[@]}" >&2 ||
                die 121 "pip could not install ${python_packages[*]}; see its message above. Fix: give it an index that has them, as PIP_INDEX_URL or in pip.conf"
            mv -T -- "$directory.part" "$directory"
        fi
    ) 9>"$(dirname -- "$directory")/.lock"
}
