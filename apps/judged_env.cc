#include "apps/judged_env.h"

#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/contract_fit.h"
#include "apps/evaluation.h"
#include "apps/session.h"
#include "apps/user_error.h"

namespace fleet {
namespace {

constexpr int kGymEpisodes = 100;
constexpr int kOtherEpisodes = 1024;

}  // namespace

std::string judged_task(const RunConfig& run, const EvalArguments& arguments) {
  return !arguments.task.empty()          ? arguments.task
         : !run.train.evaluate_on.empty() ? run.train.evaluate_on
                                          : run.name;
}

envs::EnvConfig judged_config(const RunConfig& run, const EvalArguments& arguments) {
  envs::EnvConfig config =
      load_run_config(judged_task(run, arguments), {"", on_mujoco(arguments.assignments)}).env;
  config.velocity.observe_base_lin_vel = run.env.velocity.observe_base_lin_vel;
  config.velocity.action_bound = run.env.velocity.action_bound;
  config.volley.drone.interface = run.env.volley.drone.interface;
  config.volley.observe_aim = run.env.volley.observe_aim;
  const bool is_gym = config.task != "velocity" && config.task != "volley";
  const int episodes = arguments.episodes > 0 ? arguments.episodes
                       : is_gym               ? kGymEpisodes
                                              : kOtherEpisodes;
  config = evaluation_config(config, episodes);
  config.options.num_threads = arguments.num_threads;
  return config;
}

envs::EnvSpec spec_of_one(envs::EnvConfig config) {
  config.options.backend = envs::Backend::kMujoco;  // the same contract, ready sooner
  config.options.num_envs = config.options.num_threads = 1;
  return build_env(config)->spec();
}

void check_contract(const RunConfig& run, const envs::EnvSpec& trained,
                    const envs::EnvConfig& judged_config, const envs::EnvSpec& judged) {
  ContractFit fit = compare_contracts(trained, judged);
  if (!fit.misfit.empty()) {
    throw UserError(fmt::format("a policy of {} cannot act in the task it is to be judged on: {}",
                                run.name, fit.misfit));
  }
  if (run.env.options.action_delay != judged_config.options.action_delay) {
    fit.differences.emplace_back("action_delay");
  }
  if (run.env.options.observation_delay != judged_config.options.observation_delay) {
    fit.differences.emplace_back("observation_delay");
  }
  if (!fit.differences.empty()) {
    fmt::print(stderr,
               "fleet: warning: the policy is judged under another control contract than it "
               "trained under: {}\n",
               fmt::join(fit.differences, ", "));
  }
}

}  // namespace fleet
