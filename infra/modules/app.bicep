// The function app on Flex Consumption. Two groups of instances scale by themselves: `http` answers pages and API and
// loads no model, `blob` analyses and holds models and gallery. Both are kept warm: a kiosk does not wait for a start.
@description('Name of the app; its address begins with it.')
param name string

@description('Region.')
param location string

@description('Tags; `azd-service-name` tells azd where the code goes.')
param tags object

@description('The app\'s identity.')
param identityId string

@description('Its client id.')
param identityClientId string

@description('Subnet the app leaves through; empty without a private network.')
param subnetId string

@description('Storage account.')
param storageName string

@description('Container that holds the deployed package.')
param deploymentContainer string

@description('Connection string of Application Insights. It names an address; sending needs the identity.')
param insightsConnection string

@description('Log Analytics workspace.')
param workspaceId string

@description('Address of the Key Vault.')
param vaultUri string

@description('Address of Cosmos DB.')
param cosmosEndpoint string

@description('Its database.')
param cosmosDatabase string

@description('Address of Azure AI Face; empty for the embedded engine.')
param faceEndpoint string

@description('Client id of the Entra app registration of the operators; empty: nobody signs in.')
param operatorsClientId string

@description('Name of the bank.')
param bankName string

@description('Who records.')
param noticeOperator string

@description('Twilio account.')
param twilioAccountSid string

@description('Sending number or Messaging Service.')
param twilioFrom string

@description('Who may register at a kiosk.')
param enrolment string

@description('What starts a visit.')
param kioskStart string

@description('Days recordings are kept.')
param recordingDays int

@description('Warm instances for pages and API.')
param alwaysReadyHttp int

@description('Warm instances for analysis.')
param alwaysReadyBlob int

@description('Most instances.')
param maximumInstances int

@description('Requests an instance answers at once.')
param httpConcurrency int

@description('Spread the instances over the region\'s zones.')
param zoneRedundant bool

var address = 'https://${name}.azurewebsites.net'
var blobAddress = 'https://${storageName}.blob.${environment().suffixes.storage}'
var queueAddress = 'https://${storageName}.queue.${environment().suffixes.storage}'
var tableAddress = 'https://${storageName}.table.${environment().suffixes.storage}'

// Every name here is a setting of shared/settings.py or one of the platform's; a test starts the settings with them.
var platformSettings = {
  AZURE_CLIENT_ID: identityClientId
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__blobServiceUri: blobAddress
  AzureWebJobsStorage__queueServiceUri: queueAddress
  AzureWebJobsStorage__tableServiceUri: tableAddress
  AzureWebJobsDisableHomepage: 'true'
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnection
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  AzureFunctionsJobHost__telemetryMode: 'OpenTelemetry'
  PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY: 'true'
  PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME: 'face_atm'
  PYTHON_THREADPOOL_THREAD_COUNT: string(httpConcurrency)
  MALLOC_ARENA_MAX: '2' // a heap for each thread keeps what others could use (docs/hostile.md)
}

var appSettings = {
  DOCUMENTS: 'cosmos'
  COSMOS_ENDPOINT: cosmosEndpoint
  COSMOS_DATABASE: cosmosDatabase
  ATM_KEYS: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/atm-keys)'
  MODELS_PATH: 'models'
  BANK_NAME: bankName
  NOTICE_OPERATOR: noticeOperator
  RECORDING_DAYS: string(recordingDays)
  SMS_PROVIDER: 'twilio'
  TWILIO_ACCOUNT_SID: twilioAccountSid
  TWILIO_AUTH_TOKEN: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/twilio-auth-token)'
  TWILIO_FROM: twilioFrom
  TWILIO_STATUS_CALLBACK: '${address}/api/sms/status'
  ENROLMENT: enrolment
  KIOSK_START: kioskStart
  OPERATORS: empty(operatorsClientId) ? 'none' : 'entra'
  OPERATOR_TENANT: tenant().tenantId
}

var faceSettings = empty(faceEndpoint) ? {
  FACE_PROVIDER: 'embedded'
} : {
  FACE_PROVIDER: 'azure'
  FACE_ENDPOINT: faceEndpoint
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled'
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobAddress}/${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.13'
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstances
        instanceMemoryMB: 2048
        alwaysReady: [
          {
            name: 'http'
            instanceCount: alwaysReadyHttp
          }
          {
            name: 'blob'
            instanceCount: alwaysReadyBlob
          }
        ]
        triggers: {
          http: {
            perInstanceConcurrency: httpConcurrency
          }
        }
      }
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(platformSettings, appSettings, faceSettings)
}

resource noFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

// Sign-in stands in front of everything and stops nobody by itself: kiosk, webhook and health stay anonymous, and the
// platform removes any X-MS-CLIENT-PRINCIPAL a caller made up. The app's table of roles decides.
resource signIn 'Microsoft.Web/sites/config@2024-04-01' = if (!empty(operatorsClientId)) {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
    }
    globalValidation: {
      requireAuthentication: false
      unauthenticatedClientAction: 'AllowAnonymous'
    }
    httpSettings: {
      requireHttps: true
    }
    login: {
      tokenStore: {
        enabled: false
      }
      cookieExpiration: {
        convention: 'FixedTime'
        timeToExpiration: '08:00:00'
      }
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: operatorsClientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: ['api://${operatorsClientId}', operatorsClientId]
        }
      }
    }
  }
}

resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'sign-ins'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'AppServiceAuthenticationLogs'
        enabled: true
      }
    ]
  }
}

output name string = app.name
output address string = address
