#include "cuda/physics/team/step_kernel.cuh"

FLEET_STEP_KERNEL(32)
