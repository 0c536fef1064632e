#include <unistd.h>

// The program says in one line that it was built for another CPU, instead of dying of an illegal instruction. Compiled for
// any x86-64 (CMakeLists.txt) and run before every other constructor, so that nothing here needs what may be missing.

namespace {

[[gnu::constructor(101)]] void require_instruction_set() {
  constexpr char kLine[] = "fleet: this CPU lacks " FLEET_ISA
                           ", which the program was built for; ./fleet on this machine builds it anew\n";
  __builtin_cpu_init();
  if (!__builtin_cpu_supports(FLEET_ISA)) {
    [[maybe_unused]] const auto written = write(STDERR_FILENO, kLine, sizeof kLine - 1);
    _exit(1);
  }
}

}  // namespace
