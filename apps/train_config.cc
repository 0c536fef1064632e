#include "apps/train_config.h"

#include "apps/user_error.h"

namespace fleet {
namespace {

/// A run is judged and gone on with under these two, so they have to be names of files.
void require_no_names(const std::vector<std::string>& assignments) {
  for (const std::string& assignment : assignments) {
    if (assignment.starts_with("name=") || assignment.starts_with("preset=")) {
      throw UserError(assignment + ": is no setting; choose the task by its name, the preset by " +
                      "--agent");
    }
  }
}

}  // namespace

RunConfig train_config(const TrainArguments& arguments) {
  require_no_names(arguments.assignments);
  RunConfig config =
      arguments.resume.empty()
          ? load_run_config(arguments.task, {arguments.preset, arguments.assignments})
          : load_run_folder(arguments.resume, arguments.assignments);
  if (!arguments.resume.empty() &&
      (arguments.seed >= 0 || !arguments.preset.empty() || !arguments.out.empty())) {
    throw UserError("--resume goes on with a run as it is: --seed, --agent and --out do not fit");
  }
  if (!arguments.resume.empty() &&
      load_run_folder(arguments.resume, {}).env.options.backend != config.env.options.backend) {
    throw UserError("--resume goes on with a run as it is: another backend has another state");
  }
  if (!config.train.evaluate_on.empty()) {
    load_run_config(config.train.evaluate_on, {});  // a misspelt name is known now, not at the end
  }
  if (arguments.steps > 0) {
    config.train.steps = arguments.steps;
  }
  if (arguments.num_envs > 0) {
    config.env.options.num_envs = arguments.num_envs;
  }
  if (arguments.num_threads >= 0) {
    config.env.options.num_threads = arguments.num_threads;
  }
  if (arguments.seed >= 0) {
    config.seed = static_cast<std::uint64_t>(arguments.seed);
  }
  return config;
}

}  // namespace fleet
