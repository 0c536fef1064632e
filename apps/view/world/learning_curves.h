#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fleet::view {

/// The curves in a run's progress.jsonl, which a training may still be writing. Only reads.
class LearningCurves {
 public:
  struct Curve {
    std::vector<double> env_steps;
    std::vector<double> values;
  };

  /// @param file need not exist yet
  explicit LearningCurves(std::string file) : file_(std::move(file)) {}

  /// Reads the lines that are new. A file that became shorter (a resume cuts off what it does
  /// again) is read anew; lines that are no iteration are passed over. @returns whether something
  /// changed
  bool poll();

  /// By TensorBoard tag.
  const std::map<std::string, Curve>& curves() const { return curves_; }
  std::int64_t num_iterations() const { return num_iterations_; }  ///< lines read
  std::int64_t planned_iterations() const { return planned_iterations_; }

 private:
  void add(const std::string& line);

  std::string file_;
  std::uint64_t offset_ = 0;  // bytes read, all of them whole lines
  std::map<std::string, Curve> curves_;
  std::int64_t num_iterations_ = 0;
  std::int64_t planned_iterations_ = 0;
};

}  // namespace fleet::view
