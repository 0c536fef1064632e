#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cuda/policy_contract.h"

namespace fleet::onnx_files {

/// Where a policy comes from and how well it did.
struct Provenance {
  std::string task;       ///< that it was trained on, as the user types it
  std::string judged_on;  ///< whose figures these are; "" if there are none
  std::string algorithm;  ///< ppo, flashsac
  std::uint64_t seed = 0;
  std::string env_steps;      ///< of the training; "" if unknown
  std::string policy_sha256;  ///< of the graph with its constants
  std::string config_sha256;  ///< of the run's config
  std::string robot_sha256;   ///< of the robot's MJCF file; "" where the task has no such file
  std::map<std::string, std::string> versions;
  std::map<std::string, double> figures;  ///< of eval.json: fall_rate, lin_vel_error, ...
};

/// All that must be known to run an exported policy: what goes in, what comes out, at what rate.
struct PolicyRecord {
  PolicyContract contract;
  std::vector<ObservationTerm> observation;    ///< what a row of `obs` is made of, in order
  std::array<int, 2> action_delay{0, 0};       ///< physics steps, as trained: [least, most]
  std::array<int, 2> observation_delay{0, 0};  ///< control steps, as trained
  Provenance provenance;

  int observation_dim() const;
  int action_dim() const { return static_cast<int>(contract.action_names.size()); }
  /// Whether actions are set points of position servos, which is what `deploy` can drive.
  bool is_position_driven() const { return !contract.stiffness.empty(); }
};

/// JSON with every number in full precision; numbers that are not finite are null.
std::string record_text(const PolicyRecord& record);

/// Reads what record_text() wrote, from a file that may be hostile: sizes must agree, numbers must
/// make sense. @throws files::FileError
PolicyRecord parse_record(std::string_view text, const std::string& file);

/// The schema's version; a reader refuses others.
inline constexpr int kRecordVersion = 2;

}  // namespace fleet::onnx_files
