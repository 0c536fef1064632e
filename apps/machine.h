#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace fleet {

/// The machine that the program runs on, as figures and doctor name it.
struct Machine {
  std::string cpu;                ///< "AMD EPYC 9B45"
  int num_cpus = 0;               ///< logical ones that this program may use
  double memory = 0.0;            ///< bytes
  double memory_available = 0.0;  ///< bytes
};
Machine describe_machine();

/// Whether the CPU has every feature of an x86-64 level, by the kernel's names of them.
bool cpu_has(const std::string& isa);

/// Processes that wanted to run, over the last 1, 5 and 15 minutes.
std::array<double, 3> load_average();

/// Memory (bytes) of this program that is in RAM.
double resident_bytes();

}  // namespace fleet
