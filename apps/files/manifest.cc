#include "apps/files/manifest.h"

#include "apps/files/file_error.h"
#include "apps/files/json_reader.h"
#include "apps/files/read_file.h"
#include "apps/files/sha256.h"

namespace fleet::files {
namespace {

using nlohmann::json;

constexpr std::int64_t kSchemaVersion = 1;
constexpr std::uint64_t kMaxManifest = 1'000'000;
constexpr const char* kOwnHash = "manifest_sha256";

std::string written(const json& manifest) { return manifest.dump(2) + "\n"; }

/// Returns the hash that a manifest has to carry: of its text without that hash.
std::string own_hash(json manifest) {
  manifest.erase(kOwnHash);
  return sha256(written(manifest));
}

void require_own_hash(const json& manifest, std::string_view text, const std::string& file) {
  if (require_text(manifest, kOwnHash, file) != own_hash(manifest) || written(manifest) != text) {
    throw FileError(file, std::string("key '") + kOwnHash + "'",
                    "does not match the text: the manifest is damaged or was edited");
  }
}

std::map<std::string, std::string> read_versions(const json& manifest, const std::string& file) {
  const json& entries = require_key(manifest, "versions", file);
  std::map<std::string, std::string> versions;
  if (!entries.is_object()) {
    throw FileError(file, "key 'versions'", "expected an object of texts");
  }
  for (const auto& [library, value] : entries.items()) {
    versions[library] = require_text(entries, library, file);
  }
  return versions;
}

std::optional<double> read_score(const json& manifest, const std::string& file) {
  const json& score = require_key(manifest, "score", file);
  if (score.is_null()) {
    return std::nullopt;
  }
  if (!score.is_number()) {
    throw FileError(file, "key 'score'",
                    std::string("expected a number or null, found ") + score.type_name());
  }
  return score.get<double>();
}

}  // namespace

std::string manifest_text(const Manifest& manifest, const FileDigest& state) {
  json root = {{"schema_version", kSchemaVersion},
               {"iteration", manifest.iteration},
               {"env_steps", manifest.env_steps},
               {"task", manifest.task},
               {"agent", manifest.agent},
               {"seed", manifest.seed},
               {"git_revision", manifest.git_revision},
               {"config_hash", manifest.config_hash},
               {"versions", manifest.versions},
               {"score", manifest.score ? json(*manifest.score) : json()},
               {"blobs", {{"state", {{"bytes", state.num_bytes}, {"sha256", state.sha256}}}}}};
  root[kOwnHash] = own_hash(root);
  return written(root);
}

ReadManifest parse_manifest(std::string_view text, const std::string& file) {
  const json root = parse_json(text, file);
  const std::int64_t schema = require_integer(root, "schema_version", file);
  if (schema != kSchemaVersion) {
    throw FileError(
        file, "key 'schema_version'",
        "is " + std::to_string(schema) + "; this program reads " + std::to_string(kSchemaVersion));
  }
  require_own_hash(root, text, file);
  ReadManifest read;
  read.manifest = {.iteration = require_integer(root, "iteration", file),
                   .env_steps = require_integer(root, "env_steps", file),
                   .task = require_text(root, "task", file),
                   .agent = require_text(root, "agent", file),
                   .seed = require_count(root, "seed", file),
                   .git_revision = require_text(root, "git_revision", file),
                   .config_hash = require_text(root, "config_hash", file),
                   .versions = read_versions(root, file),
                   .score = read_score(root, file)};
  const json& state = require_key(require_key(root, "blobs", file), "state", file);
  read.state = {.num_bytes = require_count(state, "bytes", file),
                .sha256 = require_text(state, "sha256", file)};
  return read;
}

ReadManifest load_manifest(const std::string& path) {
  return parse_manifest(read_file(path, kMaxManifest), path);
}

}  // namespace fleet::files
