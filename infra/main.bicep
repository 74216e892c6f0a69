// Everything Face ATM needs in one resource group. The Event Grid subscriptions are in events.bicep: they can be made
// only when the code runs. What each parameter costs a month is in docs/scaling.md.
targetScope = 'subscription'

@minLength(1)
@maxLength(40)
@description('Name of the azd environment; every resource is named from it.')
param environmentName string

@minLength(1)
@description('Azure region. It must offer Flex Consumption with Python 3.13.')
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@description('Object id of whoever deploys: may set the secrets in the Key Vault and nothing else. Empty for a pipeline that sets them otherwise.')
param principalId string = ''

@description('Kind of that principal.')
@allowed(['User', 'ServicePrincipal'])
param principalType string = 'User'

@description('Name of the bank on the screens and in messages.')
@maxLength(60)
param bankName string = 'Face ATM'

@description('Who records, as the notice on the attract screen says it.')
@maxLength(80)
@minLength(1)
param noticeOperator string

@description('Twilio account (AC…). Its auth token is a secret in the Key Vault, never a parameter.')
@minLength(1)
param twilioAccountSid string

@description('Sending number in E.164, or a Messaging Service (MG…).')
@minLength(1)
param twilioFrom string

@description('Client id of the Entra app registration operators sign in to. Empty: nobody signs in, and the console stays shut.')
param operatorsClientId string = ''

@description('Who may register at a kiosk: only after staff approved (approval), anybody (open) or nobody (closed).')
@allowed(['approval', 'open', 'closed'])
param enrolment string = 'approval'

@description('What starts a visit: a touch, or a face that stays in the guide.')
@allowed(['touch', 'face'])
param kioskStart string = 'touch'

@description('Days recordings are kept; the notice on the attract screen says the same.')
@minValue(1)
@maxValue(3650)
param recordingDays int = 90

@description('Instances kept warm for the pages and the API. 0 saves their cost; the first visit after a pause then waits up to half a minute.')
@minValue(0)
@maxValue(20)
param alwaysReadyHttp int = 1

@description('Instances kept warm for the analysis of frames and clips, each with models and gallery loaded.')
@minValue(0)
@maxValue(20)
param alwaysReadyBlob int = 1

@description('Most instances either group grows to.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 100

@description('Requests one instance answers at once. The worker runs as many threads.')
@minValue(1)
@maxValue(64)
param httpConcurrency int = 16

@description('Spread the app over the region\'s zones. Each group then keeps at least two instances warm.')
param zoneRedundant bool = false

@description('How Cosmos DB is paid: by request (serverless), or by provisioned throughput that follows the load (autoscale).')
@allowed(['serverless', 'autoscale'])
param cosmosCapacity string = 'serverless'

@description('Highest throughput of the database with autoscale, in RU/s. A tenth of it is always paid.')
@minValue(1000)
@maxValue(1000000)
param cosmosMaxThroughput int = 4000

@description('Days the audit container refuses change and deletion.')
@minValue(1)
@maxValue(3650)
param auditDays int = 365

@description('Keep storage, documents and secrets off the public internet: virtual network, private endpoints, private DNS.')
param privateNetwork bool = false

@description('Make an Azure AI Face account and identify with it (FACE_PROVIDER=azure). Identification is Limited Access: Microsoft must have approved the subscription.')
param useAzureFace bool = false

@description('Address that receives alerts. Empty: alerts stand in the portal only.')
param alertEmail string = ''

@description('Denied visits at one kiosk within an hour that raise an alert.')
@minValue(1)
param deniedVisitsAlert int = 10

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = {
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-atm-${token}'
    location: location
    tags: tags
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  name: 'network'
  scope: group
  params: {
    name: 'vnet-atm-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    identityPrincipalId: identity.outputs.principalId
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'statm${token}'
    location: location
    tags: tags
    recordingDays: recordingDays
    auditDays: auditDays
    privateNetwork: privateNetwork
    identityPrincipalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module cosmos 'modules/cosmos.bicep' = {
  name: 'cosmos'
  scope: group
  params: {
    name: 'cosmos-atm-${token}'
    location: location
    tags: tags
    capacity: cosmosCapacity
    maxThroughput: cosmosMaxThroughput
    privateNetwork: privateNetwork
    identityPrincipalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    name: 'kv-atm-${token}'
    location: location
    tags: tags
    privateNetwork: privateNetwork
    identityPrincipalId: identity.outputs.principalId
    deployerPrincipalId: principalId
    deployerPrincipalType: principalType
    workspaceId: monitoring.outputs.workspaceId
  }
}

module face 'modules/face.bicep' = if (useAzureFace) {
  name: 'face'
  scope: group
  params: {
    name: 'face-atm-${token}'
    location: location
    tags: tags
    privateNetwork: privateNetwork
    identityPrincipalId: identity.outputs.principalId
  }
}

module endpoints 'modules/endpoints.bicep' = if (privateNetwork) {
  name: 'endpoints'
  scope: group
  params: {
    location: location
    tags: tags
    networkId: privateNetwork ? network.outputs.id : ''
    subnetId: privateNetwork ? network.outputs.endpointsSubnetId : ''
    storageId: storage.outputs.id
    cosmosId: cosmos.outputs.id
    vaultId: vault.outputs.id
    faceId: useAzureFace ? face.outputs.id : ''
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  params: {
    name: 'func-atm-${token}'
    location: location
    tags: union(tags, {
      'azd-service-name': 'api'
    })
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    subnetId: privateNetwork ? network.outputs.appSubnetId : ''
    storageName: storage.outputs.name
    deploymentContainer: storage.outputs.deploymentContainer
    insightsConnection: monitoring.outputs.connection
    workspaceId: monitoring.outputs.workspaceId
    vaultUri: vault.outputs.uri
    cosmosEndpoint: cosmos.outputs.endpoint
    cosmosDatabase: cosmos.outputs.database
    faceEndpoint: useAzureFace ? face.outputs.endpoint : ''
    operatorsClientId: operatorsClientId
    bankName: bankName
    noticeOperator: noticeOperator
    twilioAccountSid: twilioAccountSid
    twilioFrom: twilioFrom
    enrolment: enrolment
    kioskStart: kioskStart
    recordingDays: recordingDays
    alwaysReadyHttp: alwaysReadyHttp
    alwaysReadyBlob: alwaysReadyBlob
    maximumInstances: maximumInstances
    httpConcurrency: httpConcurrency
    zoneRedundant: zoneRedundant
  }
}

module topic 'modules/topic.bicep' = {
  name: 'topic'
  scope: group
  params: {
    name: 'evgt-atm-${token}'
    location: location
    tags: tags
    storageName: storage.outputs.name
    deadLetterContainer: storage.outputs.deadLetterContainer
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    insightsId: monitoring.outputs.insightsId
    email: alertEmail
    deniedVisits: deniedVisitsAlert
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: {
    location: location
    tags: tags
    insightsId: monitoring.outputs.insightsId
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_NAME string = app.outputs.name
output AZURE_KEY_VAULT_NAME string = vault.outputs.name
output AZURE_STORAGE_NAME string = storage.outputs.name
output AZURE_EVENT_TOPIC_NAME string = topic.outputs.name
output ATM_ADDRESS string = app.outputs.address
