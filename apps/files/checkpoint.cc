#include "apps/files/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <system_error>

#include "apps/files/atomic_write.h"
#include "apps/files/file_error.h"
#include "apps/files/manifest.h"
#include "apps/files/sha256.h"

namespace fleet::files {
namespace {

constexpr std::string_view kStem = "model_";
constexpr std::string_view kManifestEnd = ".json";
constexpr std::string_view kStateEnd = ".safetensors";

std::string path_of(const std::string& folder, std::int64_t iteration, std::string_view end) {
  const std::string name = std::string(kStem) + std::to_string(iteration) + std::string(end);
  return (std::filesystem::path(folder) / name).string();
}

/// Returns the iteration in "model_300.json"; nothing for any other name.
std::optional<std::int64_t> iteration_in(std::string_view name, std::string_view end) {
  if (!name.starts_with(kStem) || !name.ends_with(end) ||
      name.size() <= kStem.size() + end.size()) {
    return std::nullopt;
  }
  const std::string_view digits =
      name.substr(kStem.size(), name.size() - kStem.size() - end.size());
  std::int64_t iteration = -1;
  const auto [stop, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), iteration);
  const bool is_plain = error == std::errc() && stop == digits.data() + digits.size() &&
                        std::to_string(iteration) == digits && iteration >= 0;
  return is_plain ? std::optional(iteration) : std::nullopt;
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) {
    throw FileError(folder, "", "cannot be listed: " + error.message());
  }
  return names;
}

void remove_file(const std::string& path) {
  std::error_code ignored;  // what cannot be removed costs space, not the run
  std::filesystem::remove(path, ignored);
}

/// Returns the iterations to keep among those whose manifests can be read.
std::set<std::int64_t> kept_iterations(const std::map<std::int64_t, std::optional<double>>& scores,
                                       const Retention& retention) {
  std::set<std::int64_t> kept;
  std::optional<std::int64_t> best;
  for (auto entry = scores.rbegin(); entry != scores.rend(); ++entry) {
    const auto& [iteration, score] = *entry;
    if (std::ssize(kept) < retention.num_last) {
      kept.insert(iteration);
    }
    if (score && (!best || *score > *scores.at(*best))) {
      best = iteration;
    }
  }
  if (retention.is_best_kept && best) {
    kept.insert(*best);
  }
  return kept;
}

/// Removes what interrupted saves and removals left: states without manifest, temporaries.
void remove_leftovers(const std::string& folder) {
  for (const std::string& name : names_in(folder)) {
    const bool is_ours = name.starts_with(kStem);
    const std::optional<std::int64_t> iteration = iteration_in(name, kStateEnd);
    const bool is_alone = iteration && !std::filesystem::exists(manifest_path(folder, *iteration));
    if (is_ours && (is_temporary(name) || is_alone)) {
      remove_file((std::filesystem::path(folder) / name).string());
    }
  }
}

/// The manifest goes first: a removal that is interrupted leaves no checkpoint that looks damaged.
void prune(const std::string& folder, std::int64_t newest, const Retention& retention) {
  if (retention.num_last <= 0) {
    return;
  }
  std::map<std::int64_t, std::optional<double>> scores;
  for (const std::int64_t iteration : list_checkpoints(folder)) {
    try {
      scores[iteration] = load_manifest(manifest_path(folder, iteration)).manifest.score;
    } catch (const FileError&) {
      continue;  // not ours to judge: a damaged one is left for the user to look at
    }
  }
  std::set<std::int64_t> kept = kept_iterations(scores, retention);
  kept.insert(newest);  // also when an older one was resumed and later ones are still there
  for (const auto& [iteration, score] : scores) {
    if (!kept.contains(iteration)) {
      remove_file(manifest_path(folder, iteration));
      remove_file(state_path(folder, iteration));
    }
  }
  remove_leftovers(folder);
}

void require_digest(const std::string& path, const FileDigest& expected) {
  const std::uint64_t num_bytes = open_for_reading(path).regular_size();
  if (num_bytes != expected.num_bytes) {
    throw FileError(path, "",
                    "has " + std::to_string(num_bytes) + " bytes; its manifest says " +
                        std::to_string(expected.num_bytes));
  }
  const std::string found = sha256_of_file(path);
  if (found != expected.sha256) {
    throw FileError(path, "",
                    "is damaged: SHA-256 " + found.substr(0, 12) + "...; its manifest says " +
                        one_line(expected.sha256.substr(0, 12)) + "...");
  }
}

}  // namespace

std::string manifest_path(const std::string& folder, std::int64_t iteration) {
  return path_of(folder, iteration, kManifestEnd);
}

std::string state_path(const std::string& folder, std::int64_t iteration) {
  return path_of(folder, iteration, kStateEnd);
}

std::string save_checkpoint(const std::string& folder, const Manifest& manifest,
                            const Fields& state, const Retention& retention) {
  if (manifest.iteration < 0) {
    throw std::invalid_argument("a checkpoint's iteration must be at least 0");
  }
  const std::string path = manifest_path(folder, manifest.iteration);
  const FileDigest digest = save_safetensors(state_path(folder, manifest.iteration), state,
                                             {{"iteration", std::to_string(manifest.iteration)},
                                              {"task", manifest.task},
                                              {"agent", manifest.agent},
                                              {"config_hash", manifest.config_hash}});
  atomic_write(path, manifest_text(manifest, digest));
  prune(folder, manifest.iteration, retention);
  return path;
}

Checkpoint open_checkpoint(const std::string& folder, std::int64_t iteration) {
  const std::string path = manifest_path(folder, iteration);
  const ReadManifest read = load_manifest(path);
  if (read.manifest.iteration != iteration) {
    throw FileError(path, "key 'iteration'",
                    "is " + std::to_string(read.manifest.iteration) + "; the file's name says " +
                        std::to_string(iteration));
  }
  require_digest(state_path(folder, iteration), read.state);
  return {.manifest = read.manifest, .state = SafetensorsReader(state_path(folder, iteration))};
}

Checkpoint open_newest_checkpoint(const std::string& folder, std::vector<std::string>& messages) {
  const std::vector<std::int64_t> iterations = list_checkpoints(folder);
  for (auto iteration = iterations.rbegin(); iteration != iterations.rend(); ++iteration) {
    try {
      return open_checkpoint(folder, *iteration);
    } catch (const FileError& error) {
      messages.emplace_back(error.what());
    }
  }
  throw FileError(folder, "",
                  iterations.empty() ? "holds no checkpoint; expected model_<iteration>.json"
                                     : "holds no valid checkpoint; the newest: " +
                                           messages.at(messages.size() - iterations.size()));
}

std::vector<std::int64_t> list_checkpoints(const std::string& folder) {
  std::vector<std::int64_t> iterations;
  for (const std::string& name : names_in(folder)) {
    if (const auto iteration = iteration_in(name, kManifestEnd)) {
      iterations.push_back(*iteration);
    }
  }
  std::ranges::sort(iterations);
  return iterations;
}

void restore(const Checkpoint& checkpoint, const Fields& state) {
  std::set<std::string> names;
  for (const Field& field : state) {
    checkpoint.state.require(field);
    names.insert(field.name);
  }
  for (const TensorInfo& tensor : checkpoint.state.header().tensors) {
    if (!names.contains(tensor.name)) {
      throw FileError(checkpoint.state.path(), "key '" + one_line(tensor.name) + "'",
                      "is not part of this run's state");
    }
  }
  for (const Field& field : state) {
    checkpoint.state.read(field);
  }
}

void restore_part(const Checkpoint& checkpoint, const Fields& part) {
  for (const Field& field : part) {
    checkpoint.state.require(field);
  }
  for (const Field& field : part) {
    checkpoint.state.read(field);
  }
}

}  // namespace fleet::files
