#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/run_config.h"

namespace fleet {

int list_tasks() {
  for (const std::string& name : task_names()) {
    const RunConfig config = load_run_config(name, {});
    fmt::print("{:<34} {:<18} agent {}\n", name, config.env.task, config.preset);
  }
  return 0;
}

}  // namespace fleet
