#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/commands.h"
#include "apps/run_config.h"

namespace fleet {

/// The figures of a benchmark, as text for people and as JSON for programs:
///
///   {"benchmark": "sim", "subject": "go1-flat",
///    "machine": {"cpu": ..., "cpus": ..., "memory_bytes": ...}, "load_average": [1, 5, 15 min],
///    "fleet": version, "revision": commit, "isa": ..., "mujoco": version,
///    <settings of the benchmark>, "results": [one object per number of threads]}
///
/// Speeds end in "_per_s"; all else is SI. The load average is from before the benchmark began.
class BenchReport {
 public:
  /// Prints where and of what the figures are. @throws files::FileError if there is no place for
  /// them
  BenchReport(const std::string& benchmark, const std::string& subject, std::string json_file);

  template <class T>
  void set(const char* key, const T& value) {
    json_[key] = value;
  }
  void add_result(nlohmann::ordered_json result) { json_["results"].push_back(std::move(result)); }

  /// Prints a line, unless stdout is for the JSON.
  void print(const std::string& line) const;

  /// Writes the JSON if it is wanted. @throws files::FileError
  void save() const;

 private:
  std::string json_file_;  // "" for none, "-" for stdout
  nlohmann::ordered_json json_;
};

/// The middle one of some values, the mean of the middle two if their number is even.
double median(std::vector<double> values);

/// A whole number with commas: 1234567 -> "1,234,567".
std::string with_commas(double value);

/// The settings of one run of the task: the user's overrides, envs and threads.
RunConfig bench_config(const BenchArguments& arguments, int num_threads);

/// The backends to measure: those that the user named, else MuJoCo and what is configured.
std::vector<envs::Backend> bench_backends(const BenchArguments& arguments,
                                          envs::Backend configured = envs::Backend::kMujoco);
bool contains(const std::vector<envs::Backend>& backends, envs::Backend backend);

}  // namespace fleet
