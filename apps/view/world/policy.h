#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "cuda/batch_view.h"

namespace fleet::view {

/// Who acts, by a file that another program may replace at any time. Reads, never writes.
class Policy {
 public:
  virtual ~Policy() = default;
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  /// @param observation (n, dim of the actor's group)  @param action (n, action_dim)
  virtual void act(BatchView<const float> observation, BatchView<float> action) const = 0;

  /// What the critic expects of the reward to come, in the task's units. Only if has_value().
  /// @param observation all groups, (n, dim of the group)  @param value (n)
  virtual void value(const std::vector<BatchView<float>>& observation,
                     std::span<float> value) const = 0;
  bool has_value() const { return no_value_.empty(); }
  const std::string& no_value() const { return no_value_; }  ///< why there is none; "": there is

  /// Where it comes from, in a few words.
  const std::string& origin() const { return origin_; }

  /// Takes a newer file over if there is one. One that cannot be read is left, and told of.
  /// @returns whether another policy acts from now on
  bool poll();
  const std::string& problem() const { return problem_; }  ///< "" if the newest could be read

 protected:
  explicit Policy(std::string file);

  /// Reads the file anew. @throws std::exception if it cannot be; then the old policy still acts
  virtual void load() = 0;

  std::string file_;
  std::string origin_;
  std::string no_value_;

 private:
  std::filesystem::file_time_type time_{};  // of the file that was read last
  std::string problem_;
};

}  // namespace fleet::view
