#include "apps/machine.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include <sched.h>
#include <unistd.h>

namespace fleet {
namespace {

/// What stands after "key :" in a file of /proc; "" if nothing does.
std::string proc_value(const std::string& file, const std::string& key) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    if (line.starts_with(key) && colon != std::string::npos &&
        line.find_last_not_of(" \t", colon - 1) + 1 == key.size()) {
      const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
      return begin == std::string::npos ? "" : line.substr(begin);
    }
  }
  return "";
}

double bytes_of(const std::string& key) {
  return 1024.0 * std::strtod(proc_value("/proc/meminfo", key).c_str(), nullptr);
}

}  // namespace

Machine describe_machine() {
  Machine machine;
  machine.cpu = proc_value("/proc/cpuinfo", "model name");
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  machine.num_cpus = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
  machine.memory = bytes_of("MemTotal");
  machine.memory_available = bytes_of("MemAvailable");
  return machine;
}

bool cpu_has(const std::string& isa) {
  std::vector<std::string> needed{"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"};
  if (isa == "x86-64-v4") {
    needed.insert(needed.end(), {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"});
  }
  std::istringstream words(proc_value("/proc/cpuinfo", "flags"));
  std::vector<std::string> flags;
  for (std::string word; words >> word;) {
    flags.push_back(word);
  }
  return std::ranges::all_of(needed, [&](const std::string& flag) {
    return std::ranges::find(flags, flag) != flags.end();
  });
}

std::array<double, 3> load_average() {
  std::array<double, 3> load{};
  return getloadavg(load.data(), 3) == 3 ? load : std::array<double, 3>{};
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double total = 0.0;
  double resident = 0.0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace fleet
