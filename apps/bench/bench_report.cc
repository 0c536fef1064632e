#include "apps/bench/bench_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <mujoco/mujoco.h>

#include "apps/files/atomic_write.h"
#include "apps/machine.h"

namespace fleet {

BenchReport::BenchReport(const std::string& benchmark, const std::string& subject,
                         std::string json_file)
    : json_file_(std::move(json_file)) {
  files::require_writable(json_file_);
  const Machine machine = describe_machine();
  const auto load = load_average();
  json_["benchmark"] = benchmark;
  json_["subject"] = subject;
  json_["machine"] = {
      {"cpu", machine.cpu}, {"cpus", machine.num_cpus}, {"memory_bytes", machine.memory}};
  json_["load_average"] = load;
  json_["fleet"] = FLEET_VERSION;
  json_["revision"] = FLEET_REVISION;
  json_["isa"] = FLEET_ISA;
  json_["mujoco"] = mj_versionString();
  print(fmt::format("bench {} {}", benchmark, subject));
  print(fmt::format("{}, {} CPUs, load average {:.2f}; fleet {} ({}, {}), MuJoCo {}", machine.cpu,
                    machine.num_cpus, load[0], FLEET_VERSION, FLEET_REVISION, FLEET_ISA,
                    mj_versionString()));
  if (load[0] > 0.5) {
    print("Others are using this machine: the figures are lower than it could give");
  }
}

void BenchReport::print(const std::string& line) const {
  if (json_file_ != "-") {
    fmt::print("{}\n", line);
    std::fflush(stdout);
  }
}

void BenchReport::save() const {
  const std::string text = json_.dump(2) + "\n";
  if (json_file_ == "-") {
    fmt::print("{}", text);
  } else if (!json_file_.empty()) {
    files::atomic_write(json_file_, text);
  }
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

std::string with_commas(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (auto at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::vector<envs::Backend> bench_backends(const BenchArguments& arguments,
                                          envs::Backend configured) {
  std::vector<envs::Backend> backends;
  for (const envs::Backend backend : {envs::Backend::kMujoco, envs::Backend::kLanes}) {
    const bool is_named =
        std::ranges::find(arguments.backends, name_of(backend)) != arguments.backends.end();
    const bool is_default = backend == envs::Backend::kMujoco || backend == configured;
    if (is_named || (arguments.backends.empty() && is_default)) {
      backends.push_back(backend);
    }
  }
  return backends;
}

bool contains(const std::vector<envs::Backend>& backends, envs::Backend backend) {
  return std::ranges::find(backends, backend) != backends.end();
}

RunConfig bench_config(const BenchArguments& arguments, int num_threads) {
  RunConfig config = load_run_config(arguments.subject, {arguments.preset, arguments.assignments});
  if (arguments.num_envs > 0) {
    config.env.options.num_envs = arguments.num_envs;
  }
  config.env.options.num_threads = num_threads;
  config.seed = arguments.seed;
  return config;
}

}  // namespace fleet
