#include <cstdio>

#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/evaluation.h"
#include "apps/files/atomic_write.h"
#include "apps/interrupt.h"
#include "apps/judged_env.h"
#include "apps/run_folder.h"
#include "apps/session.h"

namespace fleet {
int eval(const EvalArguments& arguments) {
  files::require_writable(arguments.json);
  catch_interrupts();
  const std::string folder = find_run(arguments.run);
  RunConfig config = load_run_folder(folder, {});
  config.env.options.num_threads = arguments.num_threads;
  const envs::EnvConfig judged = judged_config(config, arguments);
  const auto env = build_env(judged);
  check_contract(config, spec_of_one(config.env), judged, env->spec());
  const auto agent = make_actor(config, env->spec());
  load_policy(folder, *agent);
  Evaluation result = evaluate(*env, *agent, arguments.seed);
  if (is_interrupted()) {
    fmt::print("Evaluation interrupted; repeat it with: ./fleet eval {}\n", folder);
    return 1;
  }
  result.task = judged_task(config, arguments);
  result.backend = name_of(judged.options.backend);
  if (arguments.json == "-") {
    fmt::print("{}", to_json(result));
    return 0;
  }
  fmt::print("{}", to_table(result));
  if (result.clip_fraction > 0.01) {
    fmt::print("Warning: more than 1 % of the action components are outside the bound\n");
  }
  if (!arguments.json.empty()) {
    files::atomic_write(arguments.json, to_json(result));
  }
  return 0;
}

}  // namespace fleet
