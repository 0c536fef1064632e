#pragma once

#include <cstdint>
#include <string>

namespace fleet::view {

/// What the user named, by what lies in the file system.
struct Subject {
  enum class Kind : std::uint8_t {
    kRun,         ///< a run's folder
    kOnnx,        ///< a policy's file
    kDivergence,  ///< a file of a run's divergences
    kShipped,     ///< a task, with the folder of the policy or the team that is shipped for it
    kTask,        ///< a task alone
  };
  Kind kind = Kind::kTask;
  std::string path;  ///< a folder or a file; "" for kTask
};

/// @throws UserError if it is something else that exists
Subject find_subject(const std::string& name);

}  // namespace fleet::view
