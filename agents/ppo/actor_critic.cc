#include "agents/ppo/actor_critic.h"

#include <algorithm>
#include <cmath>

#include "agents/initialise.h"
#include "cuda/require.h"

namespace fleet::agents {
namespace {

constexpr int kActorNetwork = 0;
constexpr int kCriticNetwork = 1;

kernels::Activation activation_of(const std::string& name) {
  return name == "tanh"   ? kernels::Activation::kTanh
         : name == "relu" ? kernels::Activation::kRelu
                          : kernels::Activation::kElu;
}

kernels::MlpShape shape_of(int input_dim, const std::vector<int>& hidden_dims, int output_dim,
                           const std::string& activation) {
  kernels::MlpShape shape{.widths = {input_dim}, .activation = activation_of(activation)};
  shape.widths.insert(shape.widths.end(), hidden_dims.begin(), hidden_dims.end());
  shape.widths.push_back(output_dim);
  return shape;
}

int dim_of(const envs::EnvSpec& spec, int group) {
  require(!spec.observations.empty(), "the env has no observations");
  return spec.observations[static_cast<std::size_t>(group)].dim();
}

kernels::NormaliserConfig normaliser_of(const PpoConfig& config) {
  return {.enabled = config.normalise_observations,
          .epsilon = config.observation_epsilon,
          .clip = config.observation_clip};
}

void initialise(const PpoConfig& config, int network, double last_gain, Network& out) {
  if (config.orthogonal_init) {
    initialise_orthogonal(out.mlp().shape(), config.seed, network, last_gain, out.mlp_parameters());
  } else {
    initialise_uniform(out.mlp().shape(), config.seed, network, out.mlp_parameters());
  }
}

}  // namespace

ActorCritic::ActorCritic(const PpoConfig& config, const envs::EnvSpec& spec)
    : critic_group(spec.observations.size() > 1 ? 1 : 0),
      actor(shape_of(dim_of(spec, actor_group), config.actor_hidden_dims, spec.action_dim,
                     config.activation),
            spec.action_dim),
      critic(shape_of(dim_of(spec, critic_group), config.critic_hidden_dims, 1, config.activation),
             0),
      actor_normaliser(dim_of(spec, actor_group), normaliser_of(config)),
      critic_normaliser(dim_of(spec, critic_group), normaliser_of(config)),
      min_log_std_(static_cast<float>(std::log(config.min_std))),
      largest_log_std_(static_cast<float>(std::log(config.max_std))),
      max_log_std_(largest_log_std_) {
  initialise(config, kActorNetwork, 0.01, actor);
  initialise(config, kCriticNetwork, 1.0, critic);
  std::ranges::fill(log_std(), static_cast<float>(std::log(config.init_std)));
  restore();
}

void ActorCritic::clamp_log_std() {
  for (float& x : log_std()) {
    x = x > min_log_std_ ? std::min(x, max_log_std_) : min_log_std_;
  }
}

void ActorCritic::limit_std(double max_std) {
  max_log_std_ = static_cast<float>(std::log(max_std));
  clamp_log_std();
}

void ActorCritic::restore() {
  max_log_std_ = largest_log_std_;  // what is read may be of any time before
  clamp_log_std();
  actor.load();
  critic.load();
  actor_normaliser.restore();
  critic_normaliser.restore();
}

Workspace::Workspace(const ActorCritic& model)
    : actor(model.actor.mlp().shape()),
      critic(model.critic.mlp().shape()),
      mirrored(static_cast<std::size_t>(
          std::max({model.actor.mlp().shape().input_dim(), model.critic.mlp().shape().input_dim(),
                    model.action_dim()}))),
      noise(static_cast<std::size_t>(model.action_dim())) {}

}  // namespace fleet::agents
