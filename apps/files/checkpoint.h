#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apps/files/safetensors.h"
#include "cuda/field.h"

namespace fleet::files {

// A checkpoint is two files in a run's folder:
//
//   model_300.safetensors   every field of the run's state
//   model_300.json          the manifest: what it is, and the state's size and SHA-256
//
// The manifest is written last, so a checkpoint without one was never completed. It carries its
// own SHA-256. A flipped bit or a missing byte in either file is found before anything is restored.

/// What a checkpoint is of. Everything that a resume compares or a reader wants to know.
struct Manifest {
  std::int64_t iteration = 0;
  std::int64_t env_steps = 0;
  std::string task;
  std::string agent;
  std::uint64_t seed = 0;
  std::string git_revision;
  std::string config_hash;                      ///< SHA-256 of the dumped config
  std::map<std::string, std::string> versions;  ///< of libraries, e.g. {"mujoco", "4.0.1"}
  std::optional<double> score;                  ///< higher is better; the best is kept
};

/// A complete checkpoint, verified, ready to be restored.
struct Checkpoint {
  Manifest manifest;
  SafetensorsReader state;
};

/// Which checkpoints outlive a new one.
struct Retention {
  int num_last = 5;          ///< the newest ones; 0 keeps all
  bool is_best_kept = true;  ///< also the one of the highest score
};

/// Saves `state` as `<folder>/model_<iteration>`, then prunes older ones.
///
/// On an error the folder's other checkpoints are as they were, and nothing is pruned before the
/// new one is complete on disk. Saving an iteration again replaces it; a process killed between its
/// two files loses that iteration, and a resume finds the one before. One process writes a folder.
/// @returns the path of the manifest. @throws FileError
std::string save_checkpoint(const std::string& folder, const Manifest& manifest,
                            const Fields& state, const Retention& retention = {});

/// Opens the checkpoint of one iteration; also tells a file renamed or mixed up with another.
///
/// @throws FileError on anything missing, damaged, or of a newer format.
Checkpoint open_checkpoint(const std::string& folder, std::int64_t iteration);

/// Opens the newest valid checkpoint.
///
/// Appends one line to `messages` for each newer one that had to be passed over.
/// @throws FileError if there is none.
Checkpoint open_newest_checkpoint(const std::string& folder, std::vector<std::string>& messages);

/// Returns the iterations that have a manifest, ascending.
std::vector<std::int64_t> list_checkpoints(const std::string& folder);

/// Reads the state into fields that match it exactly: the same names, dtypes and shapes.
///
/// All are compared before the first is written.
/// @throws FileError naming the first mismatch
void restore(const Checkpoint& checkpoint, const Fields& state);

/// Reads these fields alone: those that the shapes of the rest depend on.
///
/// @throws FileError as restore()
void restore_part(const Checkpoint& checkpoint, const Fields& part);

/// Returns the path of a checkpoint's manifest.
std::string manifest_path(const std::string& folder, std::int64_t iteration);

/// Returns the path of a checkpoint's state.
std::string state_path(const std::string& folder, std::int64_t iteration);

}  // namespace fleet::files
