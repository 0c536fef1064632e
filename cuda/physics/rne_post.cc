#include "cuda/physics/rne_post.h"

#include "cuda/physics/engine.h"

namespace fleet::physics {

template void rne_post_constraint(const PhysicsModel<double>&, PhysicsData<double>&);
template void rne_post_constraint(const PhysicsModel<float>&, PhysicsData<FloatPack<8>>&);
template void rne_post_constraint(const PhysicsModel<float>&, PhysicsData<FloatPack<16>>&);

}  // namespace fleet::physics
