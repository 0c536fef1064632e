#include "agents/ppo/ppo_config.h"

#include <algorithm>

#include "cuda/config_rules.h"

namespace fleet::agents {
namespace {

bool all_positive(const std::vector<int>& dims) {
  return std::ranges::all_of(dims, [](int dim) { return dim > 0; });
}

}  // namespace

std::string PpoConfig::validate() const {
  const std::initializer_list<Rule> rules = {
      {num_iterations > 0, "num_iterations must be positive"},
      {num_threads >= 0, "num_threads must not be negative"},
      {num_steps > 0, "num_steps must be positive"},
      {num_epochs > 0, "num_epochs must be positive"},
      {num_minibatches > 0, "num_minibatches must be positive"},
      {num_shards > 0, "num_shards must be positive"},
      {gamma >= 0.0 && gamma <= 1.0, "gamma must be in [0, 1]"},
      {lambda >= 0.0 && lambda <= 1.0, "lambda must be in [0, 1]"},
      {clip > 0.0, "clip must be positive"},
      {value_coef >= 0.0, "value_coef must not be negative"},
      {entropy_coef >= 0.0, "entropy_coef must not be negative"},
      {entropy_end >= 0.0 && entropy_end <= 1.0, "entropy_end must be in [0, 1]"},
      {is_one_of(schedule, {"adaptive", "linear", "constant"}),
       "schedule must be adaptive, linear or constant"},
      {learning_rate > 0.0, "learning_rate must be positive"},
      {min_learning_rate > 0.0 && min_learning_rate <= max_learning_rate,
       "min_learning_rate must be positive and at most max_learning_rate"},
      {desired_kl > 0.0, "desired_kl must be positive"},
      {max_grad_norm > 0.0, "max_grad_norm must be positive"},
      {adam_epsilon > 0.0, "adam_epsilon must be positive"},
      {all_positive(actor_hidden_dims), "actor_hidden_dims must be positive"},
      {all_positive(critic_hidden_dims), "critic_hidden_dims must be positive"},
      {is_one_of(activation, {"elu", "tanh", "relu"}), "activation must be elu, tanh or relu"},
      {final_max_std == 0.0 || (final_max_std >= min_std && final_max_std <= max_std),
       "final_max_std must be 0, or in [min_std, max_std]"},
      {min_std > 0.0 && min_std <= init_std && init_std <= max_std,
       "min_std must be above 0, and at most init_std, which must be at most max_std"},
      {observation_epsilon > 0.0, "observation_epsilon must be positive"},
      {observation_clip >= 0.0, "observation_clip must not be negative"},
      {reward_clip >= 0.0, "reward_clip must not be negative"},
      {is_one_of(symmetry, {"none", "augment"}), "symmetry must be none or augment"},
  };
  return first_problem(rules);
}

}  // namespace fleet::agents
